"""Power by simulation: the model that is fitted, closed forms, and the same numbers after an interruption."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import normal_power_het

from analysis.columns import TREATMENTS
from analysis.effects import effect
from analysis.paper import printed_at
from analysis.power.assumptions import Assumptions, shipped_assumptions, with_effects, with_reliability
from analysis.power.curve import BLOCK, points, power_curve
from analysis.power.picture import draw
from analysis.power.studies import fitted, simulated
from core.dimensions import DIMENSIONS
from core.errors import Unusable

MEASURE = "validating_emotions"
"""Its baseline is well inside the scale, so that rounding and cutting change little and closed forms hold."""


def small(*told: str, participants: int = 80, **other: object) -> Assumptions:
    """A small study without dropout and with the effects told."""
    assumed = replace(shipped_assumptions(), **{"participants": participants, "dropout": 0.0, **other})  # type: ignore[arg-type]
    return with_effects(assumed, told)


def test_estimates_are_those_of_the_model_that_analyze_fits() -> None:
    """With people left out at random, the short form gives the estimates and clustered errors of statsmodels."""
    studies = simulated(small(dropout=0.2), np.random.default_rng(3), studies=2)
    found = fitted(studies)

    for at in range(2):
        rows = as_rows(studies.scores, studies.finished, at=at, measure=MEASURE)
        fit = effect(rows, MEASURE)
        for treatment in TREATMENTS:
            one, term = found[MEASURE][treatment], fit[f"{treatment}:post"]
            assert one.estimate[at] == pytest.approx(term.estimate, abs=1e-12)
            assert one.se[at] == pytest.approx(term.se, rel=1e-12)


def as_rows(scores: object, finished: object, *, at: int, measure: str) -> pd.DataFrame:
    """One simulated study as the rows that `effect` takes."""
    frames = []
    for condition, measures in scores.items():  # type: ignore[attr-defined]
        kept = measures[measure][at][finished[condition][at]]  # type: ignore[index]
        people, rounds = np.indices(kept.shape)
        frames.append(
            pd.DataFrame(
                {
                    "participant_id": [f"{condition}{person}" for person in people.ravel()],
                    "condition": condition,
                    "post": (rounds.ravel() > 0).astype(float),
                    measure: kept.ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def test_scores_have_the_assumed_mean_spread_and_reliability() -> None:
    """Rounded and cut scores keep what was asked for, also at the floor of the scale; 20,000 people in control."""
    assumed = small("ai_coach=0.5", participants=80_000)
    scores = simulated(assumed, np.random.default_rng(5), studies=1).scores

    for dimension, one in assumed.dimensions.items():
        control = scores["control"][dimension][0]
        gain = scores["ai_coach"][dimension][0][:, 1:].mean() - one.baseline
        assert control.mean() == pytest.approx(one.baseline, abs=0.02)
        assert control.std() == pytest.approx(one.sd, abs=0.02)
        assert np.corrcoef(control[:, 0], control[:, 1])[0, 1] == pytest.approx(one.reliability, abs=0.02)
        assert gain == pytest.approx(one.effects["ai_coach"], abs=0.02)


def test_power_agrees_with_the_closed_form(tmp_path: Path) -> None:
    """A difference of two mean changes, each with variance 1.5 (1 - reliability) sd² / n: statsmodels' normal power."""
    assumed = small(f"{MEASURE}=0.25", participants=480)
    one = assumed.dimensions[MEASURE]
    error = np.sqrt(1.5 * (1 - one.reliability)) * one.sd
    exact = normal_power_het(0.25, nobs=120, alpha=0.05, std_null=error * np.sqrt(2), alternative="two-sided")

    found = power_curve([(480, assumed)], simulations=600, seed=1, kept=tmp_path / "kept")

    for power in (power for power in found if power.measure == MEASURE):
        assert power.power == pytest.approx(exact, abs=0.05)


def test_without_an_effect_one_in_twenty_is_found(tmp_path: Path) -> None:
    """21 tests in 600 studies reject a true null in about 5 %."""
    told = [f"{treatment}=0" for treatment in TREATMENTS]

    found = power_curve([(480, small(*told, participants=480))], simulations=600, seed=2, kept=tmp_path / "kept")

    assert np.mean([power.power for power in found]) == pytest.approx(0.05, abs=0.012)


def test_the_papers_own_errors_come_out() -> None:
    """Standard errors that the paper prints for its 968 people, within 12 %: no assumption is far from its data."""
    assumed = replace(shipped_assumptions(), participants=968, dropout=0.0)
    found = fitted(simulated(assumed, np.random.default_rng(7), studies=20))

    for dimension in map(str, DIMENSIONS):
        for treatment in TREATMENTS:
            printed = printed_at("effects", dimension, f"{treatment}:post")[1]
            assert found[dimension][treatment].se.mean() == pytest.approx(printed, rel=0.12)


def test_an_effect_found_in_every_study_can_be_drawn(tmp_path: Path) -> None:
    """At a power of 1 the interval ends at 1 and the picture has a whisker of no length there, at 300 studies too."""
    assumed = small(f"{MEASURE}=1.5", participants=200)

    found = power_curve([(200, assumed)], simulations=300, seed=1, kept=tmp_path / "kept")

    assert max(power.power for power in found) == 1.0
    assert all(power.ci_low <= power.power <= power.ci_high for power in found)
    assert draw(found, over="participants").axes


def test_noise_of_the_judge_costs_power_and_repeats_win_it_back() -> None:
    """The error of an effect grows with noise in ratings and shrinks again when ratings are averaged."""
    errors = {
        (noise, repeats): fitted(
            simulated(small(judge_noise=noise, repeats=repeats), np.random.default_rng(1), studies=20)
        )[MEASURE]["video"].se.mean()
        for noise, repeats in ((0.0, 1), (0.8, 1), (0.8, 8))
    }

    assert max(errors[0.0, 1], errors[0.8, 8]) < errors[0.8, 1]


def test_a_stopped_run_goes_on_to_the_same_numbers(tmp_path: Path) -> None:
    """Blocks that are there are not simulated again; a line that was cut off is; the numbers do not depend on it."""
    along = points(small(), over="participants", values=[40, 60])
    whole = power_curve(along, simulations=2 * BLOCK, seed=4, kept=tmp_path / "whole")
    lines = (tmp_path / "whole").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "part").write_text("".join(lines[:2]) + lines[2][:30] + "\n", encoding="utf-8")
    steps: list[tuple[int, int]] = []

    again = power_curve(
        along,
        simulations=2 * BLOCK,
        seed=4,
        kept=tmp_path / "part",
        threads=1,
        progress=lambda done, total: steps.append((done, total)),
    )

    assert again == whole
    assert steps == [(2, 4), (3, 4), (4, 4)]


def test_an_effect_may_be_told_for_a_treatment_a_dimension_or_one_cell() -> None:
    """A treatment's points lead towards empathy in each dimension; a dimension's are taken as they stand."""
    assumed = small("ai_coach:post=0.3", "self_oriented=-0.1", "advice_giving:video=0.2")
    effects = {name: one.effects for name, one in assumed.dimensions.items()}

    assert [effects[d]["ai_coach"] for d in map(str, DIMENSIONS)] == [0.3, 0.3, 0.3, -0.3, -0.1, -0.3]
    assert effects["self_oriented"]["video"] == -0.1
    assert effects["advice_giving"]["video"] == 0.2


@pytest.mark.parametrize("told", ["ai_coach", "ai_coach=much", "game=0.3", "post=0.3"])
def test_an_effect_that_names_nothing_is_refused(told: str) -> None:
    """The refusal repeats what was told."""
    with pytest.raises(Unusable, match=f"--effect {told}"):
        small(told)


@pytest.mark.parametrize(
    ("assumed", "told"),
    [
        (lambda: small("ai_coach=4"), "is not inside the scale"),
        (lambda: small(participants=12), "are too few for 4 conditions"),
        (lambda: with_reliability(small(), 1.0), "reliability must be"),
    ],
)
def test_what_no_study_can_have_is_refused(assumed: object, told: str) -> None:
    """Before anything is simulated."""
    with pytest.raises(Unusable, match=told):
        points(assumed(), over="dropout", values=[0.1])  # type: ignore[operator]
