"""`study preregister` and `study power` on the shipped study: what they write, and what they refuse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analysis.plan import read_plan
from core.errors import Unusable
from server.commands.power import PowerWishes, power
from server.commands.preregister import on_left_open, preregister
from server.commands.study import check, freeze

STUDIES = Path(__file__).parents[2] / "studies"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the shipped study with a plan of its own."""
    folder = tmp_path / "listening"
    shutil.copytree(STUDIES / "lend_an_ear", folder)
    with (folder / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("\nanalysis: {name: ours, participants: 80, hypotheses: [Coaching helps.]}\n")
    return folder


def test_the_preregistration_stands_beside_the_file_that_is_fitted(study: Path, tmp_path: Path) -> None:
    """Text, study.yaml and lock; read as a plan, the folder gives the plan and the study's hash."""
    written = preregister(study, tmp_path / "registered")

    plan = read_plan(written.with_name("study.yaml"))
    hash_ = check(study).bundle.hash
    assert (plan.content.name, plan.content.participants, plan.study_hash) == ("ours", 80, hash_)
    assert plan.text == (study / "study.yaml").read_text(encoding="utf-8")
    assert hash_ in written.read_text(encoding="utf-8")
    assert "1. Coaching helps." in written.read_text(encoding="utf-8")


def test_what_a_preregistration_leaves_open_is_told(study: Path, tmp_path: Path) -> None:
    """With hypotheses and a number nothing is; without hypotheses the line says what to write, and where."""
    said = preregister(study, tmp_path / "whole")
    text = (study / "study.yaml").read_text(encoding="utf-8")
    (study / "study.yaml").write_text(text.replace(", hypotheses: [Coaching helps.]", ""), encoding="utf-8")

    open_ = preregister(study, tmp_path / "open")

    assert on_left_open(said) is None
    assert on_left_open(open_) == (
        "Left open in the text: hypotheses (“Not stated”); write it under `analysis` in study.yaml and run this again."
    )


def test_a_study_that_changed_since_it_was_frozen_is_not_preregistered(study: Path, tmp_path: Path) -> None:
    """The text would not be of what was frozen."""
    freeze(study)
    (study / "pages" / "consent.md").write_text("# Another page\n", encoding="utf-8")

    with pytest.raises(Unusable, match="changed since it was frozen"):
        preregister(study, tmp_path / "registered")

    assert not (tmp_path / "registered").exists()


def test_a_faulty_plan_in_the_study_is_told_with_its_line(study: Path) -> None:
    """`study check` reads the plan too."""
    text = (study / "study.yaml").read_text(encoding="utf-8")
    (study / "study.yaml").write_text(text.replace("participants: 80", "participants: none"), encoding="utf-8")

    with pytest.raises(Unusable, match=rf"study.yaml:{len(text.splitlines())}: "):
        check(study)


def test_power_is_written_for_the_planned_number_and_along_the_curve(study: Path, tmp_path: Path) -> None:
    """Without a number told, as many are recruited as the plan's 80 need with the dropout told."""
    wishes = PowerWishes(effects=["ai_coach=0.4"], dropout=0.2, over="reliability=0.4,0.8", simulations=50)

    done = power(study, tmp_path / "power", wishes)

    told = json.loads((tmp_path / "power" / "power.json").read_text(encoding="utf-8"))
    assert told["assumptions"]["participants"] == 100
    assert [one["at"] for one in told["curve"]][::21] == [0.4, 0.8]
    assert len(told["power"]) == 21
    assert done.table.startswith("100 recruited, 20.0% left out, 50 simulated studies")
    assert {path.name for path in (tmp_path / "power").iterdir()} >= {"power.csv", "power.svg", "power.png"}


def test_power_needs_a_study_that_the_model_fits(tmp_path: Path) -> None:
    """A study of choices has no conversations to simulate."""
    with pytest.raises(Unusable, match="by their conversations; the study has none"):
        power(STUDIES / "preferences", tmp_path / "power", PowerWishes())

    assert not (tmp_path / "power").exists()
