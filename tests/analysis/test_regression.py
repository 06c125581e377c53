"""Regression and variance components against matrix algebra of their own, closed forms and another fitter."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from analysis.regression import fit_clustered, fit_hc3, term
from analysis.variance import variance_components

EXACT = 1e-8
"""Two ways through the same algebra in double precision."""
REML = 2e-3
"""MixedLM stops at its own tolerance; the closed form below is met to 1e-6."""
RNG_SEED = 7


def rows(n_people: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, predictors and person codes of unequal groups."""
    rng = np.random.default_rng(RNG_SEED)
    people = np.repeat(np.arange(n_people), rng.integers(1, 5, n_people))
    predictors = np.column_stack([np.ones(len(people)), rng.integers(0, 2, len(people)), rng.normal(size=len(people))])
    outcome = predictors @ [1.0, 0.5, -0.3] + rng.normal(size=n_people)[people] + rng.normal(size=len(people))
    return outcome, predictors, people


def test_clustered_errors_are_the_sandwich() -> None:
    """G/(G-1) (N-1)/(N-K) (X'X)^-1 [sum over people of X'u u'X] (X'X)^-1, and z against the normal (LE-89)."""
    y, x, people = rows()
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    residuals = y - x @ beta
    sums = np.array([x[people == person].T @ residuals[people == person] for person in np.unique(people)])
    n, k, g = len(y), x.shape[1], len(sums)
    covariance = g / (g - 1) * (n - 1) / (n - k) * bread @ (sums.T @ sums) @ bread

    fit = fit_clustered(y, x, names=("intercept", "arm", "other"), clusters=people)

    assert fit.clusters == g
    np.testing.assert_allclose(fit.estimates, beta, atol=EXACT)
    np.testing.assert_allclose(fit.covariance, covariance, atol=EXACT)
    arm = fit["arm"]
    assert arm.estimate is not None and arm.se is not None and arm.ci_high is not None
    assert arm.ci_high == pytest.approx(arm.estimate + 1.959963984540054 * arm.se)
    assert arm.standardised == pytest.approx(arm.estimate / np.std(y, ddof=1))


def test_hc3_errors_are_the_jackknife_sandwich() -> None:
    """Squared residuals divided by (1 - leverage) squared."""
    y, x, _ = rows()
    bread = np.linalg.inv(x.T @ x)
    leverage = np.einsum("ij,jk,ik->i", x, bread, x)
    residuals = y - x @ bread @ x.T @ y
    covariance = bread @ (x.T * (residuals / (1 - leverage)) ** 2) @ x @ bread

    fit = fit_hc3(y, x, names=("intercept", "arm", "other"))

    np.testing.assert_allclose(fit.covariance, covariance, atol=EXACT)


def test_what_the_rows_cannot_tell_apart_is_absent_and_named() -> None:
    """A column that never varies from another has no coefficient of its own; the rest is untouched."""
    y, x, people = rows()
    doubled = np.column_stack([x, x[:, 1]])

    fit = fit_clustered(y, doubled, names=("intercept", "arm", "other", "twin"), clusters=people)
    plain = fit_clustered(y, x, names=("intercept", "arm", "other"), clusters=people)

    assert fit["twin"].estimate is None
    assert fit["arm"].estimate is None
    assert fit.note == "not identified: arm, twin"
    assert fit["other"].estimate == pytest.approx(plain["other"].estimate)
    assert fit["other"].se == pytest.approx(plain["other"].se)


@pytest.mark.parametrize(
    ("y", "people", "note"),
    [
        ([], [], "no rows"),
        ([3.0], [0], "one row only"),
        ([2.0, 2.0, 2.0, 2.0], [0, 0, 1, 1], "all values are the same"),
        ([1.0, 2.0, 3.0, 5.0], [0, 0, 0, 0], "errors need two participants"),
        ([1.0, 4.0], [0, 1], "2 rows for 2 coefficients: no errors"),
    ],
)
def test_too_few_rows_give_a_reason_and_no_warning(y: list[float], people: list[int], note: str) -> None:
    """Every degenerate case has its defined answer."""
    x = np.column_stack([np.ones(len(y)), np.arange(len(y)) % 2]).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = fit_clustered(np.array(y), x, names=("intercept", "post"), clusters=np.array(people, dtype=np.int64))

    assert fit.note == note
    assert fit["post"].se is None
    assert fit["post"].p is None


def test_a_perfect_fit_has_estimates_without_tests() -> None:
    """Without residuals the standard error is rounding, so there is no z."""
    post = np.tile([0.0, 1.0], 6)
    fit = fit_clustered(
        2 + 3 * post, np.column_stack([np.ones(12), post]), names=("intercept", "post"), clusters=np.repeat(range(6), 2)
    )

    assert fit["post"].estimate == pytest.approx(3)
    assert fit["post"].z is None


def test_balanced_variances_equal_the_closed_form() -> None:
    """REML of equal groups is the analysis of variance: error = MSW, between = (MSB - MSW) / 3."""
    rng = np.random.default_rng(RNG_SEED)
    values = rng.normal(size=(245, 1)) * 3.4 + rng.normal(size=(245, 3)) * 2.3
    within = ((values - values.mean(axis=1, keepdims=True)) ** 2).sum() / (245 * 2)
    between = 3 * values.mean(axis=1).var(ddof=1)

    found = variance_components(values.ravel(), np.repeat(np.arange(245), 3))

    assert found.error == pytest.approx(within, rel=1e-6)
    assert found.between == pytest.approx((between - within) / 3, rel=1e-6)


def test_unbalanced_variances_equal_those_of_mixedlm() -> None:
    """Another package's REML on groups of one to four."""
    y, _, people = rows(120)
    other = MixedLM(y, np.ones((len(y), 1)), groups=people).fit(reml=True)

    found = variance_components(y, people)

    assert found.error == pytest.approx(other.scale, rel=REML)
    assert found.between == pytest.approx(float(other.cov_re[0, 0]), rel=REML)


def test_simulated_variances_are_recovered() -> None:
    """The paper's 11.868 and 5.382 come back within 10 % on many people (LE-106)."""
    rng = np.random.default_rng(RNG_SEED)
    values = rng.normal(size=(2000, 1)) * 11.868**0.5 + rng.normal(size=(2000, 3)) * 5.382**0.5

    found = variance_components(values.ravel(), np.repeat(np.arange(2000), 3))

    assert found.between == pytest.approx(11.868, rel=0.1)
    assert found.error == pytest.approx(5.382, rel=0.1)


def test_a_standard_error_made_of_rounding_is_left_open() -> None:
    """Two people who agree exactly leave a variance of 4e-16, and no test of anything."""
    found = term(0.5, variance=4e-16, sd=0.5)

    assert (found.estimate, found.se, found.z, found.p, found.ci_low) == (0.5, None, None, None, None)
    assert term(0.5, variance=1e-8, sd=0.5).p is not None
