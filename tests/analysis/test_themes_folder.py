"""`lendanear themes` on a dataset folder whose supporters say known kinds of things."""

from __future__ import annotations

import asyncio
import csv
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from spoken import spoken_dataset
from typer.testing import CliRunner

from analysis.dataset import load
from analysis.results import to_text
from analysis.run import analyze
from analysis.themes.codes import COLUMNS
from analysis.themes.contents import themes_section
from analysis.themes.find import Search
from analysis.themes.run import Wishes, themes
from analysis.themes.units import TROUBLES
from server.cli import app

SCHEMA = json.loads((Path(__file__).parents[2] / "analysis/results.schema.json").read_text(encoding="utf-8"))
SEARCH = Search(features=16, other_seeds=1, steps=150)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spoken_dataset(tmp_path_factory.mktemp("spoken") / "dataset", gain=0.6)


@pytest.fixture(scope="module")
def out(dataset: Path) -> Path:
    return written(dataset, dataset.parent / "out")


def written(dataset: Path, out: Path, *, codes: tuple[Path, ...] = ()) -> Path:
    """The folder that the command leaves."""
    return asyncio.run(themes(dataset, out, Wishes(search=SEARCH, codes=codes))).parent


def found(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "themes.json").read_text(encoding="utf-8")))


def codes_of(out: Path, annotator: str) -> Path:
    """Codes by a plain rule: what asks is dialogue, all else is advice."""
    path = out / f"{annotator}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        content = found(out)
        for trouble, domain in content["domains"].items():
            for key, theme in domain["themes"].items():
                asks = theme["sentences"][0].endswith("?")
                place = ("cognitive", "encouraging_elaboration", "promoting_dialogue")
                other = ("misattuned", "advice_giving", "problem_solving_guidance")
                rows.writerow([content["made"]["run"], trouble, key, *(place if asks else other), annotator, ""])
    return path


def test_results_keep_the_contract(out: Path, dataset: Path) -> None:
    """Every theme of either kind of trouble has its numbers; the section fits the schema and holds no sentence."""
    section = themes_section(out, load(dataset))

    assert set(section) == set(TROUBLES)  # type: ignore[arg-type]
    jsonschema.validate(section, {**SCHEMA["properties"]["themes"], "$defs": SCHEMA["$defs"]})
    assert "SEEKER" not in (out / "coding.html").read_text(encoding="utf-8")
    shares = [theme["share"] for theme in found(out)["domains"]["personal"]["themes"].values()]
    assert sum(shares) == pytest.approx(1)


def test_a_planted_gain_in_questions_is_found(out: Path) -> None:
    """Coached people ask more afterwards: the themes that grow significantly are those of questions."""
    for domain in found(out)["themes"].values():
        grown = [theme for theme in domain.values() if theme["difference"] > 0.03 and theme["p_bh"] < 0.01]
        assert grown
        for theme in grown:
            assert theme["label"].split(",")[0].split()[0] in {"what", "how", "is", "did", "react", "happened", "your"}


def test_a_sentence_has_at_most_two_themes(out: Path) -> None:
    """The assignments name each sentence at most twice (LE-124)."""
    assigned = pd.read_csv(out / "tables" / "theme_assignments.csv")

    assert assigned.groupby(["conversation_id", "seq", "sentence"]).size().max() <= 2


def test_codes_give_taxonomy_shares_and_agreement(out: Path, dataset: Path) -> None:
    """Three annotators of one mind: agreement is whole, shares of families sum to one, themes are not trained anew."""
    before, models = found(out), [(out / f"model_{trouble}.npz").stat().st_mtime_ns for trouble in TROUBLES]
    codes = tuple(codes_of(out, name) for name in ("Ada", "Ben", "Cem"))

    written(dataset, out, codes=codes)

    after = found(out)
    assert after["made"] == before["made"]
    assert [(out / f"model_{trouble}.npz").stat().st_mtime_ns for trouble in TROUBLES] == models
    assert after["agreement"]["sub_strategy"]["alpha_nominal"] == 1.0
    for trouble in TROUBLES:
        shares = [row for row in after["domains"][trouble]["shares"] if row["level"] == "family"]
        assert sum(row["share"] for row in shares) == pytest.approx(1)
        asked = after["domains"][trouble]["levels"]["strategy"]["cognitive/encouraging_elaboration"]
        assert asked["difference"] > 0.2
        assert asked["within"]["p_bh"] < 0.01
        assert pd.read_csv(out / "tables" / f"themes_{trouble}_cognitive.csv")["percent"].sum() == pytest.approx(100)
    page = (out / "themes.html").read_text(encoding="utf-8")
    assert [page.count(f'<td class="paper">{printed}</td>') for printed in ("70.3", "54.9")] == [1, 1]


def test_results_of_analyze_take_the_section_in(out: Path, dataset: Path) -> None:
    """Whichever of the two commands came first, `results.json` ends with the themes of its own messages."""
    analyze(dataset, out, figures=False)
    first = json.loads((out / "results.json").read_text(encoding="utf-8"))
    (out / "results.json").write_text(to_text({"themes": {}, "flow": "kept"}), encoding="utf-8")

    written(dataset, out)

    merged: Mapping[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert merged["themes"] == found(out)["themes"]
    assert merged["flow"] == "kept"
    assert first["themes"] == merged["themes"]


def test_themes_of_other_messages_are_not_taken_in(out: Path, dataset: Path, tmp_path: Path) -> None:
    """A dataset that has changed since gets an empty section, and so does a folder without themes."""
    other = shutil.copytree(dataset, tmp_path / "other")
    lines = (other / "messages.csv").read_text(encoding="utf-8").splitlines()
    (other / "messages.csv").write_text("\n".join(lines[:-4]) + "\n", encoding="utf-8")

    assert themes_section(out, load(other)) == {}
    assert themes_section(tmp_path, load(dataset)) == {}


def test_the_command_says_in_one_line_what_is_wrong(dataset: Path, tmp_path: Path) -> None:
    """A folder that is none, and too few sentences for the number of themes that was asked for."""
    for wrong, said in (
        ([str(tmp_path / "nowhere")], "there is no such folder"),
        ([str(dataset), "--features", "5000"], "too few for themes"),
        ([str(dataset), "--embeddings", "openai"], "--embeddings"),
    ):
        told = CliRunner().invoke(app, ["themes", *wrong, "--out", str(tmp_path / "out")])
        assert told.exit_code != 0
        assert said in str(told.exception)
