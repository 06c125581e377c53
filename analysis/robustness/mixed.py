"""A random-intercept model beside the preregistered least squares: the same terms, by REML."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.regression import Fit, Floats, independent_columns, left_open, spread
from analysis.variance import likeliest_share

_GRID = 16


def fit_mixed(outcome: Floats, predictors: Floats, *, names: Sequence[str], clusters: npt.NDArray[np.int64]) -> Fit:
    """value = predictors + person + error, both normal; REML, normal p, shapes as in `fit_clustered`.

    The likelihood is profiled over the share of variance between persons, 0 included, so that nothing can fail to
    converge. Rows of one person may be of any number. Checked against statsmodels' MixedLM and R's lme4.
    """
    width = predictors.shape[1]
    nothing = Fit(
        tuple(names),
        np.full(width, np.nan),
        np.full((width, width), np.nan),
        n=len(outcome),
        clusters=len(np.unique(clusters)),
        sd=spread(outcome),
    )
    if not len(outcome) or not nothing.sd:
        return left_open(nothing, "all values are the same" if len(outcome) else "no rows")
    if nothing.clusters == 1:
        return left_open(nothing, "variance between people needs two of them")
    basis, open_directions = independent_columns(predictors)
    if len(outcome) <= len(basis) or np.bincount(clusters).max() < 2:
        return left_open(nothing, "needs people with more than one conversation, and more rows than coefficients")
    profile = _Profile(outcome, predictors[:, basis], clusters)
    if profile.is_exact:
        return left_open(nothing, "the rows leave no error")
    solution, covariance = profile.at(profile.best_share())
    estimates, errors = np.zeros(width), np.zeros((width, width))
    estimates[basis] = solution
    errors[np.ix_(basis, basis)] = covariance
    fit = Fit(
        nothing.names,
        estimates,
        errors,
        n=nothing.n,
        clusters=nothing.clusters,
        sd=nothing.sd,
        open_directions=open_directions,
    )
    return left_open(fit, None)


class _Profile:
    """The restricted likelihood over the share of variance between persons, from sums of squares within and between."""

    def __init__(self, outcome: Floats, predictors: Floats, clusters: npt.NDArray[np.int64]) -> None:
        both = np.column_stack([predictors, outcome])
        _, codes, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
        sums = np.zeros((len(sizes), both.shape[1]))
        np.add.at(sums, codes, both)
        self.sizes = sizes.astype(float)
        self.means = sums / self.sizes[:, None]
        apart = both - self.means[codes]
        self.within = apart.T @ apart
        self.freedom = len(outcome) - predictors.shape[1]
        self.scale = float(outcome @ outcome)

    @property
    def is_exact(self) -> bool:
        return self._solved(0.5)[2] <= 1e-12 * self.scale

    def best_share(self) -> float:
        """The share in [0, 1) at which the restricted likelihood is highest."""
        return likeliest_share(self.deviance, points=_GRID, short_of_one=1e-9, precision=1e-10)

    def deviance(self, share: float) -> float:
        crossed, _, left = self._solved(share)
        ratio = share / (1 - share)
        return float(self.freedom * np.log(left) + np.log1p(ratio * self.sizes).sum() + np.linalg.slogdet(crossed)[1])

    def at(self, share: float) -> tuple[Floats, Floats]:
        """The coefficients with their covariance, given the share."""
        crossed, solution, left = self._solved(share)
        return solution, np.linalg.inv(crossed) * left / self.freedom

    def _solved(self, share: float) -> tuple[Floats, Floats, float]:
        weights = self.sizes / (1 + share / (1 - share) * self.sizes)
        total = self.within + (self.means * weights[:, None]).T @ self.means
        crossed, right = total[:-1, :-1], total[:-1, -1]
        solution = np.linalg.solve(crossed, right)
        return crossed, solution, float(total[-1, -1] - right @ solution)
