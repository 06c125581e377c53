"""Proportional odds beside the preregistered least squares: scores as ordered answers instead of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from analysis.regression import Fit, Floats, independent_columns, left_open, spread

_STEPS = 60
_CLOSE = 1e-9
_FAR = 12.0
"""Log odds beyond which a coefficient is on its way to infinity: a condition that holds one answer only."""

Integers = npt.NDArray[np.int64]


def fit_ordinal(outcome: Floats, predictors: Floats, *, names: Sequence[str], clusters: Integers) -> Fit:
    """logit P(score > k) = -cut_k + predictors, by maximum likelihood; errors and p as in `fit_clustered`.

    `outcome`: (N,) whole scores or means of repeats, which are rounded, halves upwards; `predictors`: (N, K) whose
    first column is the constant, whose place the cuts take: its term is undefined. Terms are log odds of a higher
    score, so nothing is standardised. Checked against statsmodels' OrderedModel and R's polr with sandwich's vcovCL.
    """
    names = tuple(names)
    width = predictors.shape[1]
    nothing = Fit(
        names,
        np.full(width, np.nan),
        np.full((width, width), np.nan),
        n=len(outcome),
        clusters=len(np.unique(clusters)),
        sd=None,
    )
    whole = np.floor(outcome + 0.5)
    if not len(outcome) or not spread(whole):
        return left_open(nothing, "all values are the same" if len(outcome) else "no rows")
    basis, open_directions = independent_columns(predictors)
    slopes = [column for column in basis if column != 0]
    likelihood = _Likelihood(whole, predictors[:, slopes], clusters)
    found = likelihood.maximum()
    if found is None:
        return left_open(nothing, "a condition holds one end of the scale only: no finite odds")
    estimates, errors = np.zeros(width), np.zeros((width, width))
    estimates[slopes] = found[likelihood.cuts :]
    errors[np.ix_(slopes, slopes)] = likelihood.clustered(found)[likelihood.cuts :, likelihood.cuts :]
    cut = np.eye(width)[:1]
    open_ = cut if open_directions is None else np.vstack([cut, open_directions])
    return Fit(names, estimates, errors, n=len(outcome), clusters=nothing.clusters, sd=None, open_directions=open_)


class _Likelihood:
    """Rows that share predictors and score count together, so that a fit costs as much as its distinct rows."""

    def __init__(self, outcome: Floats, predictors: Floats, clusters: Integers) -> None:
        categories, answers = np.unique(outcome, return_inverse=True)
        rows, self.row_of, self.times = np.unique(
            np.column_stack([answers, predictors]), axis=0, return_inverse=True, return_counts=True
        )
        self.row_of = self.row_of.ravel()
        self.answers, self.predictors = rows[:, 0].astype(np.int64), rows[:, 1:]
        self.cuts = len(categories) - 1
        self.clusters = np.unique(clusters, return_inverse=True)[1]
        self.shares = np.bincount(answers) / len(answers)

    def maximum(self) -> Floats | None:
        """Newton's method with halved steps; None where the likelihood has no finite maximum."""
        at: Floats = np.concatenate([np.log(_odds(np.cumsum(self.shares)[:-1])), np.zeros(self.predictors.shape[1])])
        value = self.value(at)
        for _ in range(_STEPS):
            gradient, hessian = self.slope(at)
            step = np.linalg.lstsq(hessian, -gradient, rcond=None)[0]
            size = 1.0
            while not (better := self.value(at + size * step)) >= value - 1e-10 * abs(value) and size > 1e-4:
                size /= 2
            at, value = at + size * step, better
            if np.abs(at[self.cuts :]).max(initial=0.0) > _FAR:
                return None
            if np.abs(size * step).max() < _CLOSE:
                return at
        return None

    def value(self, at: Floats) -> float:
        above, below = self._bounds(at)
        share = expit(above) - expit(below)
        return float(self.times @ np.log(share)) if (share > 0).all() else -np.inf

    def slope(self, at: Floats) -> tuple[Floats, Floats]:
        """Gradient and Hessian of the log likelihood."""
        above, below = self._bounds(at)
        share = expit(above) - expit(below)
        upper, lower = _density(above), _density(below)
        upper_bend, lower_bend = upper * (1 - 2 * expit(above)), lower * (1 - 2 * expit(below))
        to_above, to_below = self._derivatives()
        each = (to_above * upper[:, None] - to_below * lower[:, None]) / share[:, None]
        bends = (to_above.T * (self.times * upper_bend / share)) @ to_above
        bends -= (to_below.T * (self.times * lower_bend / share)) @ to_below
        return self.times @ each, bends - (each.T * self.times) @ each

    def clustered(self, at: Floats) -> Floats:
        """The sandwich of the scores' sums by participant."""
        above, below = self._bounds(at)
        share = expit(above) - expit(below)
        to_above, to_below = self._derivatives()
        each = (to_above * _density(above)[:, None] - to_below * _density(below)[:, None]) / share[:, None]
        groups = int(self.clusters.max()) + 1
        sums = np.zeros((groups, len(at)))
        np.add.at(sums, self.clusters, each[self.row_of])
        bread = np.linalg.pinv(-self.slope(at)[1])
        n = len(self.row_of)
        factor = groups / (groups - 1) * (n - 1) / (n - len(at)) if groups > 1 and n > len(at) else np.nan
        return np.asarray(factor * bread @ (sums.T @ sums) @ bread)

    def _bounds(self, at: Floats) -> tuple[Floats, Floats]:
        """The latent bounds of each row's answer: cut - predictors above it and below it."""
        ends = np.concatenate([[-np.inf], at[: self.cuts], [np.inf]])
        centre = self.predictors @ at[self.cuts :]
        return ends[self.answers + 1] - centre, ends[self.answers] - centre

    def _derivatives(self) -> tuple[Floats, Floats]:
        """Of both bounds by every parameter; those of infinite ends are multiplied by a density of zero."""
        cuts = np.vstack([np.eye(self.cuts), np.zeros(self.cuts)])
        return (
            np.hstack([cuts[self.answers], -self.predictors]),
            np.hstack([cuts[self.answers - 1], -self.predictors]),
        )


def _density(values: Floats) -> Floats:
    at = expit(values)
    return np.asarray(at * (1 - at))


def _odds(share: Floats) -> Floats:
    return np.asarray(share / (1 - share))
