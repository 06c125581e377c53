"""Ordinary least squares whose every coefficient is either identified and printed, or absent with a reason."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import statsmodels.api as sm
from scipy.stats import norm

Floats = npt.NDArray[np.float64]

Z_95 = float(norm.ppf(0.975))
_NOTHING = 1e-6
"""Relative to the outcome's SD: a standard error below this is rounding (the root of what is left of a variance), and a
ratio to it means nothing."""
_ROUNDING = 1e-12
"""Relative to the largest value: means of repeats differ by this much when they are the same."""
_PLAIN = 1e-6
"""Smallest eigenvalue of the products of columns of unit length from which on they are independent beyond doubt."""
_OPEN = 1e-8
"""How far a sum may lean into an open direction before it counts as undetermined (rounding of the decomposition)."""


@dataclass(frozen=True, slots=True)
class Term:
    """A coefficient with its normal test and 95 % interval; None where it is undefined."""

    estimate: float | None = None
    se: float | None = None
    z: float | None = None
    p: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    standardised: float | None = None
    """The estimate divided by the outcome's SD."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model: one solution with its covariance, in the order of `names`, and what the rows leave open.

    Where columns depend on each other the solution is one of many; `linear` gives only what all of them agree on.
    The covariance is NaN where errors are undefined.
    """

    names: tuple[str, ...]
    estimates: Floats
    covariance: Floats
    n: int
    clusters: int | None
    sd: float | None
    """SD of the outcome (ddof 1)."""
    note: str | None = None
    open_directions: Floats | None = None
    """Rows: directions of the coefficients that the data say nothing about; None when there is none."""

    def __getitem__(self, name: str) -> Term:
        return self.linear({name: 1.0})

    def linear(self, weights: Mapping[str, float]) -> Term:
        """The weighted sum of coefficients with its test; all None when the rows do not determine it."""
        at = np.array([weights.get(name, 0.0) for name in self.names])
        if self.open_directions is not None and np.abs(self.open_directions @ at).max() > _OPEN:
            return Term()
        used = np.flatnonzero(at)
        variance = at[used] @ self.covariance[np.ix_(used, used)] @ at[used]
        return term(float(at[used] @ self.estimates[used]), variance=float(variance), sd=self.sd)

    @property
    def terms(self) -> Mapping[str, Term]:
        return {name: self[name] for name in self.names}


def term(estimate: float, *, variance: float, sd: float | None) -> Term:
    """An estimate with its z, two-sided normal p and 95 % interval; what rests on a variance of nothing is None."""
    if not np.isfinite(estimate):
        return Term()
    standardised = float(estimate / sd) if sd else None
    se = float(np.sqrt(variance)) if np.isfinite(variance) and variance >= 0 else None
    if se is None or se <= _NOTHING * (sd or 1.0):
        return Term(estimate=float(estimate), standardised=standardised)
    z = float(estimate / se)
    return Term(
        estimate=float(estimate),
        se=se,
        z=z,
        p=float(2 * norm.sf(abs(z))),
        ci_low=float(estimate - Z_95 * se),
        ci_high=float(estimate + Z_95 * se),
        standardised=standardised,
    )


def fit_clustered(outcome: Floats, predictors: Floats, *, names: Sequence[str], clusters: npt.NDArray[np.int64]) -> Fit:
    """OLS with errors clustered by participant: G/(G-1) * (N-1)/(N-K) times the sandwich, normal p (LE-89).

    `outcome`: (N,), without missing values; `predictors`: (N, K) with the constant; `clusters`: (N,) integer codes.
    K is the rank. Coefficients that the rows cannot tell apart (an absent condition) are undefined; with one cluster,
    or as many coefficients as rows, there are estimates without errors.
    """
    groups = len(np.unique(clusters))
    return _fit(
        outcome,
        predictors,
        names=names,
        clusters=groups,
        robust={"cov_type": "cluster", "groups": clusters, "use_correction": True},
        why_no_errors="errors need two participants" if groups < 2 else None,
    )


def fit_hc3(outcome: Floats, predictors: Floats, *, names: Sequence[str]) -> Fit:
    """OLS with HC3 errors and normal p; shapes and missing coefficients as in `fit_clustered`."""
    return _fit(
        outcome,
        predictors,
        names=names,
        clusters=None,
        robust={"cov_type": "HC3"},
        why_no_errors=_full_leverage(predictors),
    )


def spread(outcome: Floats) -> float | None:
    """SD with ddof 1 of the values that are there, exactly 0 when they differ by rounding; None below two of them."""
    known = outcome[np.isfinite(outcome)]
    if len(known) < 2:
        return None
    sd = float(np.std(known, ddof=1))
    return sd if sd > _ROUNDING * float(np.abs(known).max()) else 0.0


def _fit(
    outcome: Floats,
    predictors: Floats,
    *,
    names: Sequence[str],
    clusters: int | None,
    robust: Mapping[str, Any],
    why_no_errors: str | None,
) -> Fit:
    n, width = predictors.shape
    estimates, covariance = np.full(width, np.nan), np.full((width, width), np.nan)
    sd = spread(outcome)
    empty = Fit(tuple(names), estimates, covariance, n=n, clusters=clusters, sd=sd)
    if n == 0:
        return _noted(empty, "no rows")
    if not sd:
        return _noted(empty, "all values are the same" if n > 1 else "one row only")
    basis, open_directions = independent_columns(predictors)
    plain = sm.OLS(outcome, predictors[:, basis]).fit()
    estimates[:] = 0.0
    estimates[basis] = plain.params
    if n <= len(basis):
        why_no_errors = f"{n} rows for {len(basis)} coefficients: no errors"
    if why_no_errors is None:
        with warnings.catch_warnings():
            # Rank and sample size were checked above; what is left (few clusters) is told in the report.
            warnings.simplefilter("ignore")
            found = plain.get_robustcov_results(use_t=False, **robust).cov_params()
        covariance[:] = 0.0
        covariance[np.ix_(basis, basis)] = found
    fit = Fit(tuple(names), estimates, covariance, n=n, clusters=clusters, sd=sd, open_directions=open_directions)
    return left_open(fit, why_no_errors)


def left_open(fit: Fit, why_no_errors: str | None) -> Fit:
    """The fit with a note on what it leaves open: coefficients that are not identified, errors that are undefined."""
    missing = [name for name in fit.names if fit[name].estimate is None]
    reasons = [f"not identified: {', '.join(missing)}"] if missing else []
    reasons += [why_no_errors] if why_no_errors else []
    return _noted(fit, "; ".join(reasons)) if reasons else fit


def _noted(fit: Fit, note: str) -> Fit:
    return replace(fit, note=note)


def independent_columns(predictors: Floats) -> tuple[list[int], Floats | None]:
    """Columns that span all, each independent of those before it, and the directions that no row tells apart."""
    if _is_independent(predictors):
        return list(range(predictors.shape[1])), None
    triangle: Floats = np.asarray(np.linalg.qr(predictors, mode="r"))
    basis: list[int] = []
    for column in range(predictors.shape[1]):
        if np.linalg.matrix_rank(triangle[:, [*basis, column]]) > len(basis):
            basis.append(column)
    if len(basis) == predictors.shape[1]:
        return basis, None
    return basis, np.linalg.svd(triangle, full_matrices=True)[2][len(basis) :]


def _is_independent(predictors: Floats) -> bool:
    """Are all columns clearly apart? False where that is not plain from their products and needs a closer look."""
    lengths = np.sqrt(np.einsum("ij,ij->j", predictors, predictors))
    if not lengths.all():
        return False
    products = predictors.T @ predictors / np.outer(lengths, lengths)
    return bool(np.linalg.eigvalsh(products)[0] > _PLAIN)


def _full_leverage(predictors: Floats) -> str | None:
    if not len(predictors):
        return None
    basis = np.linalg.matrix_rank(predictors)
    left = np.linalg.svd(predictors, full_matrices=False)[0][:, :basis]
    leverage = np.einsum("ij,ij->i", left, left)
    return "a row alone decides a coefficient: no HC3 errors" if leverage.max() > 1 - 1e-9 else None
