"""Conditions by other names: analysed in the place that the plan gives them, and refused with what mends it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from simulate import World, simulate, write

from analysis import load, observations
from analysis.deviations import deviations
from analysis.flow import select
from analysis.personal.page import personal_report
from analysis.places import places, without_comparison
from analysis.plan import plan_as_run, read_plan
from analysis.scored import scored_conversations
from core.errors import Unusable

STUDY = "title: Ours\nconditions: [waiting, video, tutor, combined]\n"
PLAN = "{name: ours, places: {waiting: control, tutor: ai_coach}}"
NEEDED = ("participants", "conversations", "scores")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """A small study, with the conditions' usual names."""
    tables = simulate(World(participants=16))
    return {name: tables[name] for name in NEEDED}


def renamed(tables: dict[str, pd.DataFrame], folder: Path, study: str) -> Path:
    """The same study with other names, and the `study.yaml` it ran with."""
    people = tables["participants"]
    ours = people["condition"].replace({"control": "waiting", "ai_coach": "tutor"})
    dataset = write(tables | {"participants": people.assign(condition=ours)}, folder)
    (dataset / "study.yaml").write_text(study, encoding="utf-8")
    return dataset


def test_conditions_by_other_names_are_analysed_in_their_places(
    tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    """The rows of the models are those of the usual names, and the plan as run is no deviation."""
    usual = observations(load(write(tables, tmp_path / "usual")))
    read = load(renamed(tables, tmp_path / "ours", f"{STUDY}analysis: {PLAN}\n"))

    pd.testing.assert_frame_equal(observations(read), usual)
    assert read.places == {"waiting": "control", "tutor": "ai_coach"}
    chosen = select(read.participants)
    scored = scored_conversations(read.scores, read.conversations, chosen.analysed)
    assert deviations(read, plan_as_run(read.study), chosen, scored) == []


def test_a_plan_of_its_own_file_gives_the_places_afterwards(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    """Who has run the study without saying so says it in a file for `--plan`; without it the refusal names that."""
    dataset = renamed(tables, tmp_path / "ours", STUDY)
    with pytest.raises(Unusable, match=r"row 2: `condition` must be one of .*, not 'waiting'; a plan says whose place"):
        load(dataset)
    (tmp_path / "plan.yaml").write_text(PLAN[1:-1].replace(", p", "\np"), encoding="utf-8")

    read = load(dataset, plan=read_plan(tmp_path / "plan.yaml"))

    assert set(read.participants["condition"]) == {"control", "video", "ai_coach", "combined"}
    assert "control" in set(observations(read)["condition"])
    assert personal_report(dataset, "p00005", tmp_path / "report.html", plan=tmp_path / "plan.yaml").exists()


def test_nobody_is_counted_in_a_place_that_others_have(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    """Without a study.yaml the conditions are those of the data: two of them would become one unseen."""
    dataset = write(tables, tmp_path / "ours")
    (tmp_path / "plan.yaml").write_text("name: ours\nplaces: {video: control}\n", encoding="utf-8")

    with pytest.raises(Unusable, match="control and video cannot both have the place of control"):
        load(dataset, plan=read_plan(tmp_path / "plan.yaml"))


def test_one_group_has_the_place_of_control() -> None:
    """Whatever it is called, unless that is a name that the analysis knows."""
    assert places(["everybody"], {}) == {"everybody": "control"}
    assert places(["video"], {}) == {"video": "video"}
    assert without_comparison(["everybody"], {}) is None


def test_two_conditions_cannot_have_one_place() -> None:
    with pytest.raises(Unusable, match="control and waiting cannot both have the place of control"):
        places(["control", "waiting"], {"waiting": "control"})
