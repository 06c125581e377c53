"""`analyze` from a dataset folder to results, report, tables and figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from results_schema import SCHEMA, assert_keeps_to_the_schema
from simulate import World, simulate, write
from simulate_choices import with_choices

from analysis import analyze
from analysis.drawing import FIGURES

STUDY = with_choices(simulate(World(participants=200)), raters=40)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `analyze` writes for a simulated study of 200 people with a second experiment."""
    folder = tmp_path_factory.mktemp("study")
    analyze(write(STUDY, folder / "dataset"), folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def results(out: Path) -> Any:
    return json.loads((out / "results.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


TERMS = ("intercept", "video", "ai_coach", "combined", "post", "video:post", "ai_coach:post", "combined:post")


def test_results_keep_to_the_shipped_schema_and_hold_nothing_that_it_does_not_name(results: Any) -> None:
    """Every key of the contract is there with its type; every analysis bears one tag, and every tag is used."""
    assert_keeps_to_the_schema(results)
    assert set(results) == set(SCHEMA["properties"])
    assert set(results["tags"].values()) == {"preregistered", "secondary", "exploratory"}


def test_every_number_of_the_report_has_its_table(out: Path) -> None:
    """Tables are CSV with a header; the second experiment has its own."""
    named = {path.stem for path in (out / "tables").iterdir()}

    assert {"effects", "contrasts", "reliable_change", "demographics", "trajectories", "groups"} <= named
    assert {"preferences", "preferences_trials", "preferences_by_gap", "preferences_ranking", "elo_by_decile"} <= named
    assert all(path.read_text(encoding="utf-8").count("\n") >= 1 for path in (out / "tables").iterdir())


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_there_in_both_forms(out: Path, name: str) -> None:
    """Figures 3 to 6, Extended Data 1 to 4 and D6, none of them a sheet that says why it is empty."""
    svg = (out / "figures" / f"{name}.svg").read_text(encoding="utf-8")

    assert (out / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert len(svg) > 30_000


def test_each_effect_has_the_terms_of_the_contract(results: Any) -> None:
    """Six dimensions and overall, eight terms each, seven numbers per term."""
    assert len(results["effects"]) == 7
    for fit in results["effects"].values():
        assert list(fit["terms"]) == list(TERMS)
        assert fit["n"] == 600
        assert fit["clusters"] == 200
        assert set(fit["terms"]["post"]) == {"estimate", "se", "z", "p", "ci_low", "ci_high", "standardised"}


def test_there_are_exactly_eighteen_contrasts(results: Any) -> None:
    """Three per dimension in the contract's order, overall left out."""
    assert len(results["contrasts"]) == 18
    assert {(one["first"], one["second"]) for one in results["contrasts"]} == {
        ("ai_coach", "video"),
        ("combined", "video"),
        ("combined", "ai_coach"),
    }


def test_the_report_needs_nothing_but_itself(out: Path) -> None:
    """No script, style, image or font is fetched; the figures stand in the page."""
    page = (out / "report.html").read_text(encoding="utf-8")

    assert page.count("<svg") == len(FIGURES)
    for outside in ("<script", "<link", "<img", "url(http", "@import", 'href="http'):
        assert outside not in page


def test_the_same_dataset_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    """Numbers, tables and figures do not depend on when or how often they are made."""
    again = tmp_path / "again"
    analyze(write(STUDY, tmp_path / "dataset"), again)

    for file in sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file()):
        assert (again / file).read_bytes() == (out / file).read_bytes(), file


def test_figure_3a_has_one_line_per_participant(out: Path) -> None:
    """Nobody is left out of the picture (LE-167)."""
    svg = (out / "figures" / "figure_3a.svg").read_text(encoding="utf-8")
    groups = [part.split("</g>")[0] for part in svg.split('<g id="changes-')[1:]]

    assert sum(group.count("<path") for group in groups) == 200
