"""Change after coaching: proportions, false discovery rate, and errors that know whose sentences they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from analysis.themes.change import benjamini_hochberg, change, two_proportions

EXACT = 1e-9
THEMES = 6


def spoken(people: int = 60, *, seed: int = 1, gain: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Assignments of people with habits of their own; coached people say theme 0 more often afterwards by `gain`."""
    rng = np.random.default_rng(seed)
    rows, themes = [], []
    for person in range(people):
        condition = ("control", "video", "ai_coach", "combined")[person % 4]
        habits = rng.dirichlet(np.full(THEMES, 2.0))
        for round_ in (1, 2, 3):
            raised = gain * (round_ > 1 and condition in ("ai_coach", "combined"))
            chances = (1 - raised) * habits + raised * np.eye(THEMES)[0]
            for theme in rng.choice(THEMES, rng.integers(8, 20), p=chances):
                rows.append((f"p{person}", condition, round_))
                themes.append(theme)
    return pd.DataFrame(rows, columns=["participant_id", "condition", "round"]), np.array(themes)


def test_a_hundred_against_a_hundred_and_forty_of_a_thousand() -> None:
    """z = 0.04 / sqrt(0.12 * 0.88 * 2 / 1000) = 2.752 by hand, and statsmodels agrees."""
    found = two_proportions(np.array([100, 900]), np.array([140, 860]))

    z, p = proportions_ztest([140, 100], [1000, 1000])
    assert found.z[0] == pytest.approx(2.752, abs=5e-4)
    assert (found.z[0], found.p[0]) == (pytest.approx(z, abs=EXACT), pytest.approx(p, abs=EXACT))
    assert found.difference[0] == pytest.approx(0.04)
    assert found.ci_low[0] < 0.04 < found.ci_high[0]


def test_only_coached_people_count_afterwards() -> None:
    """Before is round 1 of everybody; what control and video people say later never enters (LE-138)."""
    said, themes = spoken()
    coached = said["condition"].isin(["ai_coach", "combined"])

    found = change(said, themes, count=THEMES).proportions

    assert found.n_before == (said["round"] == 1).sum()
    assert found.n_after == ((said["round"] > 1) & coached).sum()


def test_a_theme_that_nobody_voiced_has_no_test() -> None:
    """It is undefined, not zero, and takes no part in the correction of the others."""
    found = two_proportions(np.array([10, 90, 0]), np.array([30, 70, 0]))
    adjusted = benjamini_hochberg(found.p)

    assert np.isnan(found.z[2])
    assert np.isnan(adjusted[2])
    np.testing.assert_allclose(adjusted[:2], multipletests(found.p[:2], method="fdr_bh")[1], atol=EXACT)


def test_the_false_discovery_rate_is_that_of_statsmodels() -> None:
    """Adjusted p values keep the order of the raw ones."""
    p = np.random.default_rng(3).uniform(size=128) ** 3

    found = benjamini_hochberg(p)

    np.testing.assert_allclose(found, multipletests(p, method="fdr_bh")[1], atol=EXACT)
    assert (np.diff(found[np.argsort(p)]) >= 0).all()


def test_the_change_within_people_is_a_clustered_fit_around_each_persons_mean() -> None:
    """statsmodels, on outcome and time less each person's means, gives the same estimate and error."""
    said, themes = spoken()
    coached = said[said["condition"].isin(["ai_coach", "combined"])]
    later = (coached["round"] > 1).astype(float)
    voiced = pd.Series((themes[coached.index] == 2).astype(float), index=coached.index)
    people = coached["participant_id"]
    oracle = sm.OLS(
        voiced - voiced.groupby(people).transform("mean"), later - later.groupby(people).transform("mean")
    ).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(people)[0]})

    found = change(said, themes, count=THEMES).within

    assert found.estimate[2] == pytest.approx(oracle.params.iloc[0], abs=EXACT)
    assert found.se[2] == pytest.approx(oracle.bse.iloc[0], abs=EXACT)
    assert (found.n, found.clusters) == (len(coached), 30)


def test_the_change_against_control_is_the_interaction_of_a_clustered_fit() -> None:
    """statsmodels with the formula voiced ~ coached * later on control and coached people."""
    said, themes = spoken()
    mixed = said[said["condition"] != "video"].assign(
        voiced=lambda rows: (themes[rows.index] == 4).astype(float),
        coached=lambda rows: rows["condition"].ne("control").astype(float),
        later=lambda rows: rows["round"].gt(1).astype(float),
    )
    oracle = sm.OLS.from_formula("voiced ~ coached * later", mixed).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(mixed["participant_id"])[0]}
    )

    found = change(said, themes, count=THEMES).against_control

    assert found.estimate[4] == pytest.approx(oracle.params["coached:later"], abs=EXACT)
    assert found.se[4] == pytest.approx(oracle.bse["coached:later"], abs=EXACT)


def test_a_planted_gain_is_found_in_all_three_readings() -> None:
    """A gain of 0.2 of all assignments lies within each interval, or near enough for shifting habits."""
    said, themes = spoken(400, gain=0.2)
    share = 0.2 * (1 - 1 / THEMES)

    found = change(said, themes, count=THEMES)

    for estimate in (found.proportions.difference[0], found.within.estimate[0], found.against_control.estimate[0]):
        assert estimate == pytest.approx(share, abs=0.05)
    assert found.within.p[0] < 1e-6


def test_one_person_alone_has_no_clustered_error() -> None:
    said, themes = spoken(3)

    found = change(said, themes, count=THEMES)

    assert np.isnan(found.within.se).all()
    assert np.isnan(found.against_control.p).all() or found.against_control.clusters == 2
