"""The second experiment: trials, models, rates and ranks, against values worked by hand and planted slopes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from simulate import World, simulate
from simulate_choices import with_choices

from analysis.gain import Gain
from analysis.logit import fit_logit_clustered
from analysis.preferences.found import preferences
from analysis.preferences.gaps import rates, wilson
from analysis.preferences.models import component_model, difference_model, odds, predicted, scenarios_of
from analysis.preferences.ranks import by_decile
from analysis.preferences.trials import one_per_sequence, trials
from analysis.scored import MEASURES, OVERALL, side_by_side
from core.dimensions import DIMENSIONS

NOBODY = pd.Series(dtype=float)


def measured(**overall: float) -> pd.DataFrame:
    """Seven measures by conversation id: the overall score is given, every dimension is 3 but elaboration."""
    rows = pd.DataFrame(3.0, index=pd.Index(list(overall)), columns=list(MEASURES))
    rows[OVERALL] = pd.Series(overall)
    rows["encouraging_elaboration"] = 3 + pd.Series(overall)
    return rows


def chosen(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """(rater, left, right, choice) as a table of choices; each rater has a sequence of their own."""
    return pd.DataFrame(
        [
            {
                "rater_id": rater,
                "sequence_id": f"s-{rater}",
                "trial": float(at),
                "scenario": "cancer",
                "left_id": left,
                "right_id": right,
                "choice": choice,
            }
            for at, (rater, left, right, choice) in enumerate(rows)
        ]
    )


def compared(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """(a, b, winner) as a table of comparisons in the order of asking."""
    return pd.DataFrame(
        [
            {"scenario": "cancer", "order": float(at), "a_id": a, "b_id": b, "winner": winner}
            for at, (a, b, winner) in enumerate(rows)
        ],
        columns=["scenario", "order", "a_id", "b_id", "winner"],
    )


def test_ties_in_the_overall_score_have_no_higher_conversation() -> None:
    """LE-151: a trial with equal scores is missing from the first outcome; one without a score as well."""
    rows = chosen(
        ("r1", "a", "b", "right"), ("r1", "a", "c", "left"), ("r1", "b", "a", "right"), ("r1", "a", "x", "left")
    )
    found = trials(rows, scores=measured(a=2, b=5, c=2), comparisons=compared(), ratings=NOBODY)

    assert found.analysed["higher"].tolist() == pytest.approx([1, np.nan, 0, np.nan], nan_ok=True)
    assert found.analysed["gap"].tolist() == pytest.approx([3, 0, 3, np.nan], nan_ok=True)
    assert (found.flow.ties, found.flow.unscored, found.flow.trials) == (1, 1, 4)


def test_the_match_is_the_models_own_choice_and_else_the_higher_rating() -> None:
    """C-15: direct judgements count in either order and by majority; Elo stands in only where there is none."""
    rows = chosen(
        ("r1", "a", "b", "left"), ("r1", "c", "a", "left"), ("r1", "b", "c", "left"), ("r1", "b", "d", "left")
    )
    asked = compared(("a", "b", "A"), ("b", "a", "B"), ("a", "b", "B"), ("a", "c", "A"), ("c", "a", "A"))
    found = trials(
        rows, scores=measured(a=0, b=0, c=0, d=0), comparisons=asked, ratings=pd.Series({"b": 990.0, "c": 1010.0})
    ).analysed

    assert found["llm"].tolist() == ["left", "", "right", ""]
    assert found["llm_source"].tolist() == ["direct", "", "elo", ""]
    assert found["match"].tolist() == pytest.approx([1, np.nan, 0, np.nan], nan_ok=True)


def test_component_differences_point_from_the_lower_to_the_higher_conversation() -> None:
    """C-11: `oriented` turns with the overall score, `signed` is left minus right as the paper has it."""
    rows = chosen(("r1", "a", "b", "left"), ("r1", "b", "a", "left"))
    found = trials(rows, scores=measured(a=1, b=4), comparisons=compared(), ratings=NOBODY).analysed

    assert found["signed:encouraging_elaboration"].tolist() == [-3, 3]
    assert found["oriented:encouraging_elaboration"].tolist() == [3, 3]


def test_one_rater_of_a_sequence_is_kept_and_always_the_same() -> None:
    """LE-153: of 34 people with one sequence one stays, whatever the order of the rows; 183 become 150."""
    rows = pd.DataFrame(
        {
            "rater_id": [f"r{i:03d}" for i in range(183)],
            "sequence_id": ["s000"] * 34 + [f"s{i:03d}" for i in range(1, 150)],
        }
    )
    kept = one_per_sequence(rows)

    assert len(kept) == len(set(kept)) == 150
    assert one_per_sequence(rows.sample(frac=1, random_state=1)) == kept
    assert one_per_sequence(rows, seed=43) != kept


def test_raters_whom_the_study_excludes_do_not_count() -> None:
    """Pilots and the incomplete are participants too; their trials go, those of strangers stay."""
    rows = chosen(("p1", "a", "b", "left"), ("guest", "a", "b", "left"))
    found = trials(rows, scores=measured(a=1, b=4), comparisons=compared(), ratings=NOBODY, left_out=frozenset({"p1"}))

    assert (found.flow.raters, found.flow.excluded, found.flow.analysed) == (2, 1, 1)
    assert found.analysed["rater_id"].tolist() == ["guest"]


def test_wilson_is_the_printed_interval() -> None:
    """LE-160: 8 of 10 gives .490 to .943."""
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=5e-4)


def test_a_bin_holds_both_its_ends() -> None:
    """1-3, 4-6, ... , above 12; an empty bin has no rate."""
    rows = pd.DataFrame({"gap": [1.0, 3.0, 4.0, 12.0, 13.0, 24.0], "higher": [1.0, 0.0, 1.0, 1.0, 1.0, 1.0]})
    found = rates(rows)

    assert [one.n for one in found] == [2, 1, 0, 1, 2]
    assert found[0].rate == 0.5
    assert found[2].rate is None


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """2,000 trials with a planted slope of .144 per point."""
    tables = with_choices(simulate(World(participants=200)), raters=200)
    scores = tables["scores"].assign(score=tables["scores"]["score"].astype(float))
    return trials(
        tables["choices"].assign(trial=0.0),
        scores=side_by_side(scores),
        comparisons=tables["comparisons"],
        ratings=NOBODY,
    ).analysed


def test_the_planted_slope_is_recovered(rows: pd.DataFrame) -> None:
    """LE-154: .144 within two standard errors, and the odds ratio is its exponential with that of the interval."""
    fit = difference_model(rows, "higher")
    slope = fit["difference"]

    assert slope.estimate is not None and slope.se is not None and slope.ci_low is not None
    assert abs(slope.estimate - 0.144) < 2 * slope.se
    assert odds(fit).estimate == pytest.approx(math.exp(slope.estimate))
    assert odds(fit).ci_low == pytest.approx(math.exp(slope.ci_low))


def test_predictions_stand_for_the_reference_and_for_the_mean_scenario(rows: pd.DataFrame) -> None:
    """expit(a + b d), and expit of the mean over all scenarios' log odds."""
    fit = difference_model(rows, "higher")
    at = {name: fit[name].estimate or 0.0 for name in fit.names}
    others = scenarios_of(fit)

    assert len(others) == 4
    expected = at["intercept"] + 5 * at["difference"]
    assert predicted(fit, 5).probability == pytest.approx(1 / (1 + math.exp(-expected)))
    expected += sum(at[name] for name in others) / 5
    assert predicted(fit, 5, scenarios=others).probability == pytest.approx(1 / (1 + math.exp(-expected)))


def test_oriented_components_carry_the_slope_and_signed_ones_cannot(rows: pd.DataFrame) -> None:
    """A side-neutral outcome is explained by oriented differences: .144 up and down; signed ones scatter about 0."""
    oriented, signed = (component_model(rows, "higher", reading) for reading in ("oriented", "signed"))
    signs = dict(zip(map(str, DIMENSIONS), (1, 1, 1, -1, -1, -1), strict=True))

    for dimension, sign in signs.items():
        term = oriented[dimension]
        assert term.estimate is not None and term.se is not None
        assert abs(sign * term.estimate - 0.144) < 3 * term.se
    zs = [signed[dimension].z or 0.0 for dimension in signs]
    assert max(map(abs, zs)) < 3.5


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        ([0, 0, 0, 1, 1, 1], "separate"),
        ([0, 0, 1, 0, 1, 1], None),
        ([1, 1, 1, 1, 1, 1], "all answers are the same"),
        ([], "no rows"),
    ],
)
def test_separated_answers_have_no_estimate_and_a_reason(outcome: list[int], why: str | None) -> None:
    """Infinite estimates are not printed."""
    x = np.column_stack([np.ones(len(outcome)), np.arange(len(outcome))]).astype(float)
    fit = fit_logit_clustered(
        np.array(outcome, dtype=float), x, names=("intercept", "difference"), clusters=np.arange(len(outcome))
    )

    assert (fit["difference"].estimate is None) == (why is not None)
    assert (why or "") in (fit.note or "")


def test_deciles_of_rising_scores_have_rising_ratings() -> None:
    """LE-170: where rating follows score, the means rise from tenth to tenth."""
    ids = [f"c{i}" for i in range(100)]
    conversations = pd.DataFrame({"conversation_id": ids, "scenario": "loss", OVERALL: np.arange(100) / 10})
    found = by_decile(conversations, pd.Series(1000.0 + np.arange(100), index=ids))

    assert found["n"].tolist() == [10] * 10
    assert found["elo"].is_monotonic_increasing


def test_without_choices_everything_is_empty() -> None:
    """An absent file is no fault."""
    empty = with_choices(simulate(World(participants=8)), raters=0)
    found = preferences(
        empty["choices"],
        comparisons=compared(),
        conversations=pd.DataFrame(columns=["conversation_id", "scenario", OVERALL]),
        scores=measured(a=1),
        gains={"video": Gain(points=2.9, in_sd_of_change=None, in_sd_of_score=None)},
        left_out=frozenset(),
    )

    assert found.trials.flow.trials == 0
    assert found.spearman["elo"].rho is None
    assert found.gains["video"].mean.probability is None
