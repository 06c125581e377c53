"""Tiny and one-sided datasets: null with a reason, never NaN, a warning or a traceback."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from results_schema import assert_keeps_to_the_schema
from simulate import World, simulate, write
from simulate_choices import with_choices

from analysis import analyze, load
from analysis.analyses import run_analyses
from analysis.drawing import FIGURES
from analysis.figures.style import Style
from analysis.plan import shipped_plan

Tables = dict[str, pd.DataFrame]


def only(*conditions: str) -> Callable[[Tables], Tables]:
    def keep(tables: Tables) -> Tables:
        people = tables["participants"][tables["participants"]["condition"].isin(conditions)]
        return among(tables, people)

    return keep


def among(tables: Tables, people: pd.DataFrame) -> Tables:
    """The tables without everyone else."""
    talks = tables["conversations"][tables["conversations"]["participant_id"].isin(people["participant_id"])]
    scores = tables["scores"][tables["scores"]["conversation_id"].isin(talks["conversation_id"])]
    return {"participants": people, "conversations": talks, "scores": scores}


def first(n: int) -> Callable[[Tables], Tables]:
    return lambda tables: among(tables, tables["participants"].head(n))


def constant(tables: Tables) -> Tables:
    scores = tables["scores"]
    return {**tables, "scores": scores.assign(score=scores["score"].where(scores["dimension"] != "advice_giving", "3"))}


def unchanging_controls(tables: Tables) -> Tables:
    """Every control gets 2 in everything, always."""
    talks = only("control")(tables)["conversations"]["conversation_id"]
    scores = tables["scores"]
    return {**tables, "scores": scores.assign(score=scores["score"].where(~scores["conversation_id"].isin(talks), "2"))}


def separated(tables: Tables) -> Tables:
    """Round 1 is always rated 1, later rounds always 5."""
    scores = tables["scores"]
    early = scores["conversation_id"].str.endswith("-1")
    return {**tables, "scores": scores.assign(score=early.map({True: "1", False: "5"}))}


def unjudged(tables: Tables) -> Tables:
    return {**tables, "scores": tables["scores"].assign(score="", failure="timeout")}


def unscored(tables: Tables) -> Tables:
    return {**tables, "scores": tables["scores"].head(0)}


def blank(tables: Tables) -> Tables:
    return {**tables, "participants": tables["participants"].assign(age="", sex="", ethnicity="", external_id="")}


def nobody(tables: Tables) -> Tables:
    return {name: frame.head(0) for name, frame in tables.items()}


def pilots(tables: Tables) -> Tables:
    return {**tables, "participants": tables["participants"].assign(pilot="true")}


def chosen(**changes: object) -> Callable[[Tables], Tables]:
    """With choices of 12 raters, and in them some columns overwritten."""

    def choose(tables: Tables) -> Tables:
        both = with_choices(tables, raters=12, comparisons=60)
        return {**both, "choices": both["choices"].assign(**changes)}

    return choose


def surely_chosen(tables: Tables) -> Tables:
    """Everyone always chooses the higher-scored conversation."""
    return with_choices(tables, raters=12, slope=1000)


def uncompared(tables: Tables) -> Tables:
    both = with_choices(tables, raters=12)
    return {**both, "comparisons": both["comparisons"].assign(winner="", failure="timeout")}


def strange_words(tables: Tables) -> Tables:
    """Letters that no font has, formulas, markup, bells, and a very long word."""
    words = ["$x^2", "\u7af9\U0001f60a", "<script>&amp;", "a\x07b\x0bc", "w" * 3000, " \n ", "%s {0} \\frac{"]
    messages = tables["messages"]
    return {**tables, "messages": messages.assign(text=[words[i % len(words)] for i in range(len(messages))])}


CASES = {
    "one person": first(1),
    "two people": first(2),
    "four people": first(4),
    "only control": only("control"),
    "only the coach": only("ai_coach"),
    "no control": only("video", "ai_coach", "combined"),
    "a constant dimension": constant,
    "controls that never change": unchanging_controls,
    "perfect separation": separated,
    "every judgement failed": unjudged,
    "no scores": unscored,
    "blank demographics": blank,
    "headers alone": nobody,
    "pilots alone": pilots,
    "choices of a single trial": lambda tables: {**chosen()(tables), "choices": chosen()(tables)["choices"].head(1)},
    "choices without an answer": chosen(choice=""),
    "choices that are always left": chosen(choice="left"),
    "choices that scores separate": surely_chosen,
    "choices of one scenario": chosen(scenario="loss"),
    "choices of unknown conversations": chosen(left_id="x", right_id="y"),
    "choices of one rater": chosen(rater_id="r", sequence_id="s", trial=[str(i) for i in range(120)]),
    "choices without comparisons": uncompared,
    "words that cannot be drawn": strange_words,
}


def analysed(tables: Tables, folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        analyze(write(tables, folder / "dataset"), folder / "out", figures=False)
    return json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


def draw_coarsely(dataset: Path, names: Iterable[str]) -> None:
    """The figures drawn once, without their layout and in few pixels, which is quicker and meets the same faults."""
    with warnings.catch_warnings(), Style():
        warnings.simplefilter("error")
        found = run_analyses(load(dataset, plan=shipped_plan()))
        for name in names:
            drawn = FIGURES[name](found)
            drawn.set_layout_engine("none")
            drawn.savefig(io.BytesIO(), format="png", dpi=20)


@pytest.mark.parametrize("case", CASES)
def test_every_odd_dataset_has_a_defined_answer(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Results keep to the schema, tables and report are written, figures drawn; no NaN, nothing on the screen."""
    results = analysed(CASES[case](simulate(World(participants=40))), tmp_path)
    of_choices = case.startswith("choices")
    draw_coarsely(tmp_path / "dataset", [name for name in FIGURES if name.startswith("figure_6") == of_choices])

    assert_keeps_to_the_schema(results)
    assert capfd.readouterr() == ("", "")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "nan" not in page.lower().replace("resonance", "")


def test_choices_that_scores_separate_are_named_and_still_ranked(tmp_path: Path) -> None:
    """No finite slope exists: null with the reason; the ranks are regularised and say so."""
    found = analysed(surely_chosen(simulate(World(participants=40))), tmp_path)

    assert found["preferences"]["higher"]["terms"]["difference"]["estimate"] is None
    assert "separate" in found["preferences"]["higher"]["note"] or "the same" in found["preferences"]["higher"]["note"]
    assert "regularised" in found["notes"]["preferences"]
    assert found["preferences"]["spearman"]["scores"]["rho"] > 0.5


def test_columns_that_nobody_knows_are_told(tmp_path: Path) -> None:
    """They are not read, and the report says which they are."""
    tables = simulate(World(participants=16))
    tables["participants"] = tables["participants"].assign(shoe_size="44")

    assert any("shoe_size" in told for told in analysed(tables, tmp_path)["deviations"])


def test_one_condition_has_a_level_and_a_trend_and_no_effects(tmp_path: Path) -> None:
    """Controls alone determine intercept and post; the effects are null, and one note names them for all."""
    results = analysed(only("control")(simulate(World(participants=40))), tmp_path)

    fit = results["effects"]["advice_giving"]
    assert fit["terms"]["intercept"]["p"] is not None
    assert fit["terms"]["post"]["p"] is not None
    assert fit["terms"]["video:post"]["estimate"] is None
    assert "video:post" in fit["note"]
    assert results["notes"]["effects"].count(fit["note"]) == 1
    assert {one["p_holm_all"] for one in results["contrasts"]} == {None}


def test_without_control_treatments_still_compare(tmp_path: Path) -> None:
    """No effect is identified, while the differences of two effects are, and equal those of the whole study."""
    whole = simulate(World(participants=40))
    results = analysed(only("video", "ai_coach", "combined")(whole), tmp_path / "part")
    complete = analysed(whole, tmp_path / "whole")

    differences = [one["difference"] for one in results["contrasts"]]
    assert differences == pytest.approx([one["difference"] for one in complete["contrasts"]])
    assert all(one["p_holm_all"] is not None for one in results["contrasts"])

    assert results["effects"]["overall"]["terms"]["intercept"]["estimate"] is None
    assert results["reliable_change"]["threshold"] is None
    assert results["reliable_change"]["by_condition"]["video"]["mean_change"] is not None
    assert results["notes"]["reliable_change"]


def test_a_constant_dimension_is_null_and_others_are_not(tmp_path: Path) -> None:
    """No variance, no model; the note says so."""
    effects = analysed(constant(simulate(World(participants=40))), tmp_path)["effects"]

    assert effects["advice_giving"]["sd"] == 0
    assert effects["advice_giving"]["terms"]["ai_coach:post"]["estimate"] is None
    assert effects["advice_giving"]["note"] == "all values are the same"
    assert effects["self_oriented"]["terms"]["ai_coach:post"]["p"] is not None


def test_missing_scores_leave_only_their_dimension(tmp_path: Path) -> None:
    """n falls in the dimension that lacks a score and in overall, nowhere else."""
    tables = simulate(World(participants=40))
    scores = tables["scores"]
    gone = (scores["conversation_id"] == "c00003-2") & (scores["dimension"] == "self_oriented")
    scores.loc[gone, ["score", "failure"]] = ["", "refused"]

    results = analysed(tables, tmp_path)

    assert {name: fit["n"] for name, fit in results["effects"].items() if fit["n"] != 120} == {
        "self_oriented": 119,
        "overall": 119,
    }
    assert results["corpus"]["scored"] == 119
    assert results["corpus"]["failures"] == {"refused": 1}
