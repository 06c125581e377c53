"""What the notebooks' page promises: columns as documented, and notebooks that run from top to bottom."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from simulate import World, simulate, write
from simulate_choices import with_choices

import analysis
from core.dimensions import DIMENSIONS

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.py"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with a folder `dataset`, in which people and a second model judged too."""
    place = tmp_path_factory.mktemp("place")
    write(with_choices(simulate(World(participants=80)), raters=20), place / "dataset")
    return place


def documented() -> dict[str, list[str]]:
    """call -> columns, from the table of the page."""
    rows = re.findall(r"^\| `([^|]+)` \| (.+) \|$", (DOCS / "notebooks.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {call: re.findall(r"`([\w:]+)`", columns) for call, columns in rows}


@pytest.mark.parametrize("call", [call for call in documented() if call != "observations(dataset)"])
def test_frames_have_the_documented_columns(call: str, folder: Path) -> None:
    """The page names every column of every frame and no other, in some order."""
    dataset = analysis.load(folder / "dataset")
    second = dataset.scores.assign(model="human:r1")
    known = {
        **vars(analysis),
        "rows": analysis.observations(dataset),
        "responses": dataset.responses,
        "scores": pd.concat([dataset.scores, second]),
        "judge": "openai:gpt-4o",
    }
    found = eval(call, known)  # noqa: S307 - our own page

    assert len(found)
    assert set(found.columns) == set(documented()[call])


def test_observations_are_the_rows_of_the_models(folder: Path) -> None:
    """The dataset's own columns, and those that the page names."""
    dataset = analysis.load(folder / "dataset")
    rows = analysis.observations(dataset)

    assert set(rows.columns) == {*dataset.conversations.columns, "condition", "post", *map(str, DIMENSIONS), "overall"}
    assert len(rows) == 240


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebooks_run_from_top_to_bottom(notebook: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder that has a dataset, without a fault, and without anything on a screen."""
    monkeypatch.chdir(folder)
    mpl.use("Agg")

    assert runpy.run_path(str(notebook))["dataset"].participant_rows == 80


def test_there_are_three_notebooks() -> None:
    """Each is named on the page."""
    page = (DOCS / "notebooks.md").read_text(encoding="utf-8")

    assert len(NOTEBOOKS) == 3
    assert all(f"notebooks/{path.name}" in page for path in NOTEBOOKS)


@pytest.mark.parametrize(("found", "names"), [({"a": 1}, ()), ([], ("x",)), (3, ())])
def test_what_is_no_result_has_no_frame(found: object, names: tuple[str, ...]) -> None:
    """A wrong call is told, not answered with an empty frame."""
    with pytest.raises(ValueError, match=r"name|record"):
        analysis.frame(found, *names)
