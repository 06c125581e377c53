"""Other models and checks agree with R, with statsmodels and with values worked by hand."""

from __future__ import annotations

import csv
import sys
from math import erfc, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from simulate import simulate, write

from analysis import load, scored_conversations
from analysis.effects import TERMS, effect
from analysis.robustness.attrition import attrition
from analysis.robustness.balance import balance
from analysis.robustness.mixed import fit_mixed
from analysis.robustness.models import TURNS, WORDS, other_models
from analysis.robustness.ordinal import fit_ordinal
from core.dimensions import DIMENSIONS

REFERENCE = Path(__file__).parents[1] / "reference"
sys.path.append(str(REFERENCE))
from make_robustness import WORLD  # noqa: E402

TOLERANCES = {"mixed": 1e-4, "ordinal": 1e-4, "length": 1e-6}
"""Relative: lmer and polr stop at tolerances of their own, least squares does not iterate."""
OURS = {"(Intercept)": "intercept", "words": WORDS, "supporter_messages": TURNS}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The conversations of the study that R has fitted."""
    found = load(write(simulate(WORLD), tmp_path_factory.mktemp("study")))
    return scored_conversations(found.scores, found.conversations, found.participants).conversations


def test_every_model_agrees_with_r(rows: pd.DataFrame) -> None:
    """Random intercepts (lme4), proportional odds (MASS, sandwich) and equal length (sandwich), term by term."""
    models = other_models(rows)
    with (REFERENCE / "robustness.csv").open(encoding="utf-8") as lines:
        next(lines)
        stored = list(csv.DictReader(lines))

    assert len(stored) == 2 * (8 + 7 + 10)
    for row in stored:
        name, measure = row["model"].split(":")
        parts = [OURS.get(part, part) for part in row["term"].split(":")]
        term = ":".join(sorted(parts, key=lambda part: part == "post"))
        if (name, term) == ("length", "intercept"):
            continue  # ours is where messages have their mean, R's where there are none
        ours = models[name][measure][term]
        assert ours.estimate == pytest.approx(float(row["estimate"]), rel=TOLERANCES[name], abs=1e-5), row
        assert ours.se == pytest.approx(float(row["se"]), rel=TOLERANCES[name]), row


def test_with_everybody_complete_the_mixed_model_has_the_estimates_of_least_squares() -> None:
    """In a balanced study both weigh all conversations alike; only their errors differ."""
    rng = np.random.default_rng(2)
    people = np.repeat(np.arange(40), 3)
    rows = pd.DataFrame(
        {
            "participant_id": people.astype(str),
            "condition": np.array(["control", "video", "ai_coach", "combined"])[people % 4],
            "post": np.tile([0.0, 1.0, 1.0], 40),
            "overall": rng.normal(0, 1, 120) + rng.normal(0, 1, 40)[people],
            WORDS: rng.integers(100, 200, 120).astype(float),
            TURNS: 6.0,
        }
    )
    mixed = other_models(rows.assign(**dict.fromkeys(DIMENSIONS, 3.0)))["mixed"]["overall"]
    least_squares = effect(rows, "overall")

    for term in TERMS:
        assert mixed[term].estimate == pytest.approx(least_squares[term].estimate, abs=1e-10)


@pytest.mark.parametrize("fit", [fit_mixed, fit_ordinal])
def test_what_cannot_be_fitted_has_a_reason_and_no_numbers(fit: object) -> None:
    """Nothing at all, and a score that never varies."""
    people = np.arange(6) // 2
    predictors = np.column_stack([np.ones(6), np.tile([0.0, 1.0], 3)])
    for outcome, design, who in (
        (np.full(6, 3.0), predictors, people),
        (np.zeros(0), np.zeros((0, 2)), np.zeros(0, dtype=np.int64)),
    ):
        found = fit(outcome, design, names=("intercept", "post"), clusters=who)  # type: ignore[operator]
        assert found.note
        assert found["post"].estimate is None


def test_one_person_has_no_variance_between_people() -> None:
    """However many conversations: the errors would be those of rounding, and differ with the order of rows."""
    predictors = np.column_stack([np.ones(3), [0.0, 1.0, 1.0]])

    found = fit_mixed(
        np.array([1.0, 2.0, 4.0]), predictors, names=("intercept", "post"), clusters=np.zeros(3, dtype=int)
    )

    assert "variance between people needs two of them" in str(found.note)
    assert found["intercept"].se is None


def test_odds_without_an_end_are_not_given() -> None:
    """Where all later scores are higher than all earlier ones the odds have no maximum, and that is said."""
    predictors = np.column_stack([np.ones(20), np.tile([0.0, 1.0], 10)])
    outcome = 2.0 + 2 * predictors[:, 1] + (np.arange(20) // 2) % 2

    found = fit_ordinal(outcome, predictors, names=("intercept", "post"), clusters=np.arange(20) // 2)

    assert found["post"].estimate is None
    assert "no finite odds" in str(found.note)


def test_attrition_is_compared_with_control() -> None:
    """Newcombe's own example (1998, table II, 56/70 and 48/80): difference .20, method 10: .0524 to .3339."""
    lost = {"video": (70, 56), "control": (80, 48)}
    recruited = pd.DataFrame(
        [(f"{condition}{i}", condition) for condition, (n, _) in lost.items() for i in range(n)],
        columns=["participant_id", "condition"],
    )
    gone = {f"{condition}{i}" for condition, (_, k) in lost.items() for i in range(k)}

    found = attrition(recruited, recruited[~recruited["participant_id"].isin(gone)])
    video = found.by_condition["video"]

    assert (video.recruited, video.lost) == (70, 56)
    assert video.difference == pytest.approx(0.20)
    assert (video.ci_low, video.ci_high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.by_condition["combined"].share is None
    # Chi-square of the 2 x 2 table by hand: N (ad - bc)² / products of the margins = 7.0234, 1 degree of freedom.
    assert found.p_equal == pytest.approx(erfc(sqrt(7.0234 / 2)), abs=1e-6)


def test_nobody_lost_is_no_test() -> None:
    """Without losses there are shares of zero and no p."""
    people = pd.DataFrame({"participant_id": list("abcd"), "condition": ["control", "control", "video", "video"]})

    found = attrition(people, people)

    assert found.p_equal is None
    assert found.by_condition["video"].share == 0.0


def test_balance_shows_what_is_uneven(rows: pd.DataFrame) -> None:
    """Ages of control 20 and 40, of video 40 and 60: a difference of 20 over an SD of 14.14; nobody's sex is known."""
    people = pd.DataFrame(
        {
            "participant_id": list("abcd"),
            "condition": ["control", "control", "video", "video"],
            "age": [20.0, 40.0, 40.0, 60.0],
            "sex": "",
            "ethnicity": "",
        }
    )
    responses = pd.DataFrame(columns=["participant_id", "round", "instrument", "item", "value", "answered_at"])

    found = balance(people, rows, responses)

    assert found["age"].differences["video"] == pytest.approx(20 / np.sqrt(200))
    assert found["age"].differences["combined"] is None
    # F = 2 with 1 and 2 degrees of freedom: p = 1 - sqrt(F / (F + 2)).
    assert found["age"].p == pytest.approx(1 - np.sqrt(0.5))
    assert not [name for name in found if name.startswith("sex")]
    assert found["round 1: overall"].p is None
