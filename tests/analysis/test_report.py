"""What the report says about itself: pilots, the built-in rules, the plan and its deviations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from simulate import CONDITIONS, World, scored_rows, simulate, write

from analysis import analyze
from analysis.caution import caution
from analysis.effects import effect
from core.dimensions import DIMENSIONS
from core.errors import Unusable


def report_of(world: World, folder: Path, *, plan: str | None = None, study: str | None = None, **how: bool) -> str:
    """The report of a simulated study, with a plan file and a study.yaml where they are given."""
    dataset = write(simulate(world), folder / "dataset")
    if study is not None:
        (dataset / "study.yaml").write_text(study, encoding="utf-8")
    if plan is not None:
        (folder / "plan.yaml").write_text(plan, encoding="utf-8")
    path = analyze(
        dataset, folder / "out", plan=folder / "plan.yaml" if plan is not None else None, figures=False, **how
    )
    return path.read_text(encoding="utf-8")


def deviations_of(folder: Path) -> list[str]:
    return list(json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))["deviations"])


def test_the_title_says_when_pilots_are_counted(tmp_path: Path) -> None:
    """Nobody takes a rehearsal for the study."""
    counted = report_of(World(participants=16, pilots=True), tmp_path / "a", pilots=True)
    real = report_of(World(participants=16), tmp_path / "b")

    assert "<title>Results of lend_an_ear — a pilot, not the study</title>" in counted
    assert "<title>Results of lend_an_ear</title>" in real


def test_pilots_do_not_count_by_themselves(tmp_path: Path) -> None:
    """A dataset of pilots alone has nobody to analyse, and the page says what to do."""
    page = report_of(World(participants=16, pilots=True), tmp_path)

    assert "Nobody is left to analyse" in page
    assert "pilots count only when asked for" in page


def test_small_arms_get_a_caution_at_the_head(tmp_path: Path) -> None:
    """Eight people do not carry a conclusion; the page says so before its first number, with the rule."""
    page = report_of(World(participants=8), tmp_path)

    head = page.split("<nav")[0]
    assert "Too few people for conclusions." in head
    assert "The smallest arm, Control, has 2 analysed. Below 10 people in an arm, the rule used here" in head


@pytest.mark.parametrize(
    ("arms", "smallest"),
    [((10, 10, 10, 10), None), ((30, 0, 9, 0), "AI coach, has 9"), ((9, 0, 0, 0), None), ((0, 0, 0, 0), None)],
)
def test_the_caution_is_about_the_smallest_arm_that_is_compared(arms: tuple[int, ...], smallest: str | None) -> None:
    """Ten are enough; a condition without people is no arm, and a single arm is not compared."""
    said = caution(dict(zip(CONDITIONS, arms, strict=True)))

    assert said is None if smallest is None else smallest in str(said)


def test_tests_in_small_arms_reject_true_nulls_too_often() -> None:
    """Why there is a caution: with two people in an arm far more than 5 % of the tests of no effect are significant."""
    nothing = {str(dimension): (0.0, 0.0, 0.0) for dimension in DIMENSIONS}
    worlds = [World(participants=8, seed=seed, effects=nothing) for seed in range(1, 31)]
    fits = [effect(scored_rows(world), str(dimension)) for world in worlds for dimension in DIMENSIONS]
    tests = [p for fit in fits for treatment in CONDITIONS[1:] if (p := fit[f"{treatment}:post"].p) is not None]

    assert np.mean(np.array(tests) < 0.05) > 0.1


def test_scores_of_the_rules_are_not_for_research(tmp_path: Path) -> None:
    """The built-in judge is named wherever its numbers are shown."""
    ruled = report_of(World(participants=16, model="rules:rules/1"), tmp_path / "a")
    judged = report_of(World(participants=16), tmp_path / "b")

    assert "rules: for trying out, not for research" in ruled
    assert "for trying out" not in judged


def test_a_changed_plan_is_a_deviation_with_both_hashes(tmp_path: Path) -> None:
    """LE-35: what differs from the preregistered plan stands in report and results."""
    page = report_of(
        World(participants=16), tmp_path, plan="name: mine\nexclude: [incomplete]\n", study="conditions: [control]\n"
    )

    first = deviations_of(tmp_path)[0]
    assert first.startswith("The plan differs from the preregistered one: plan.yaml (SHA-256 ")
    assert first.count("SHA-256") == 2
    assert first in page


FROZEN = "title: t\nconditions: [control, video, ai_coach, combined]\nsteps: []\n"


def test_a_study_changed_after_it_was_frozen_is_told_with_both_hashes(tmp_path: Path) -> None:
    """The frozen study.yaml is a plan too, and what ran must be the same file."""
    report_of(World(participants=16), tmp_path / "a", plan=FROZEN, study=FROZEN.replace("title: t", "title: u"))
    report_of(World(participants=16), tmp_path / "b", plan=FROZEN, study=FROZEN)

    told = deviations_of(tmp_path / "a")
    assert told[0].startswith("The study was changed after it was frozen")
    assert told[0].count("SHA-256") == 2
    assert deviations_of(tmp_path / "b") == []


def test_the_plan_may_stand_in_the_study_itself(tmp_path: Path) -> None:
    """A section `analysis` of study.yaml is what is fitted."""
    report_of(World(participants=16), tmp_path, study=f"{FROZEN}analysis: {{name: ours, reliable_change_z: 1.645}}\n")

    plan = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["plan"]
    assert (plan["name"], plan["source"], plan["reliable_change_z"]) == ("ours", "study.yaml", 1.645)


def test_a_dataset_without_study_file_says_which_plan_was_used(tmp_path: Path) -> None:
    """The shipped plan stands in, and that is told."""
    report_of(World(participants=16), tmp_path)

    assert "The dataset has no study.yaml; the plan used is the shipped one." in deviations_of(tmp_path)


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ("name: mine\nexclude: [laziness]\n", "plan.yaml:2: "),
        ("name: mine\nmodel: logit\n", "plan.yaml:2: `model` is not known here"),
        ("[", "plan.yaml:"),
        ("", "plan.yaml:1: the file is empty"),
    ],
)
def test_a_faulty_plan_is_told_with_its_line(tmp_path: Path, plan: str, told: str) -> None:
    """Nothing is written when the plan cannot be read."""
    with pytest.raises(Unusable) as refused:
        report_of(World(participants=16), tmp_path, plan=plan)

    assert refused.value.message.startswith(told)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("study", "told"),
    [
        ("title: t\nconditions: [control\n", "study.yaml:3: not readable as YAML"),
        ("title: t\ntitle: u\n", "study.yaml:2: `title` stands here a second time"),
        ("- a list\n", "study.yaml:1: a study is a mapping"),
        ("", "study.yaml:1: the file is empty"),
    ],
)
def test_a_broken_study_is_told_with_its_line_also_when_a_plan_is_given(tmp_path: Path, study: str, told: str) -> None:
    """The report names the study by its file, whichever plan is used."""
    with pytest.raises(Unusable) as refused:
        report_of(World(participants=16), tmp_path, plan="name: mine\n", study=study)

    assert refused.value.message.startswith(told)
    assert not (tmp_path / "out").exists()


def test_every_fault_of_a_plan_is_told_at_once(tmp_path: Path) -> None:
    """In a plan of its own and in the section of a study, each at its line."""
    with pytest.raises(Unusable) as own:
        report_of(World(participants=16), tmp_path / "a", plan="name: 1\nexclude: [laziness]\nmodel: logit\n")
    with pytest.raises(Unusable) as section:
        report_of(World(participants=16), tmp_path / "b", study=f"{FROZEN}analysis:\n  exclude: 3\n  model: logit\n")

    assert [told.split(": ")[0] for told in own.value.message.splitlines()] == [
        f"plan.yaml:{line}" for line in (1, 2, 3)
    ]
    assert section.value.message.splitlines() == [
        "study.yaml:4: `name` is missing",
        "study.yaml:5: `exclude` must be a list",
        "study.yaml:6: `model` is not known here",
    ]


def test_a_failed_run_leaves_no_results(tmp_path: Path) -> None:
    """A folder that cannot be written is told; no half file remains."""
    dataset = write(simulate(World(participants=16)), tmp_path / "dataset")
    (tmp_path / "out").write_text("a file, not a folder", encoding="utf-8")

    with pytest.raises(Unusable, match="cannot be written"):
        analyze(dataset, tmp_path / "out", figures=False)


def test_what_people_wrote_is_escaped(tmp_path: Path) -> None:
    """Names from the dataset are text, not markup."""
    tables = simulate(World(participants=16))
    tables["participants"] = tables["participants"].assign(ethnicity="<script>alert(1)</script>")
    page = analyze(write(tables, tmp_path / "dataset"), tmp_path / "out", figures=False).read_text(encoding="utf-8")

    assert "<script" not in page
    assert "&lt;script&gt;" in page
