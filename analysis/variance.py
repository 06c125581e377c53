"""How much of a score is the person and how much is the single conversation: a random-intercept model by REML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from analysis.regression import Floats

_GRID = 64


@dataclass(frozen=True, slots=True)
class Variances:
    """Variance between persons and within them; None where the rows do not determine it, and why."""

    between: float | None
    error: float | None
    note: str | None = None


def variance_components(values: Floats, persons: npt.NDArray[np.int64]) -> Variances:
    """REML estimates of the model value = mean + person + error, both normal (LE-106).

    `values`: (N,), without missing ones; `persons`: (N,) integer codes, groups of any size. The likelihood is profiled
    over the share of the variance that lies between persons, which is 0 where the data would have it negative, so
    nothing can fail to converge. Checked against statsmodels' MixedLM and, for equal groups, the closed form.
    """
    _, codes, sizes = np.unique(persons, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        return Variances(None, None, "needs two people in the control condition")
    if sizes.max() < 2:
        return Variances(None, None, "needs people with more than one conversation in the control condition")
    means = np.bincount(codes, weights=values) / sizes
    within = float(np.sum((values - means[codes]) ** 2))
    if within <= 1e-12 * max(1.0, float(np.sum(values**2))):
        return Variances(None, None, "nobody in the control condition changed at all: no error variance")
    likelihood = _Profile(means=means, sizes=sizes.astype(float), within=within)
    share = likelihood.best_share()
    error = likelihood.error(share)
    return Variances(between=error * share / (1 - share), error=error)


def likeliest_share(deviance: Callable[[float], float], *, points: int, short_of_one: float, precision: float) -> float:
    """The share in [0, 1) at which `deviance` is lowest: the best of `points`, then searched to `precision`.

    `short_of_one`: how far below 1 the search ends. Exactly 0 where nothing between does better.
    """
    grid = np.linspace(0, 1, points, endpoint=False)
    best = int(np.argmin([deviance(share) for share in grid]))
    low, high = grid[max(best - 1, 0)], grid[best + 1] if best + 1 < points else 1 - short_of_one
    found = minimize_scalar(deviance, bounds=(low, high), method="bounded", options={"xatol": precision})
    return 0.0 if deviance(0.0) <= found.fun else float(found.x)


@dataclass(frozen=True, slots=True)
class _Profile:
    """The restricted likelihood as a function of one number: the share of variance between persons, in [0, 1)."""

    means: Floats
    sizes: Floats
    within: float

    def best_share(self) -> float:
        return likeliest_share(self.deviance, points=_GRID, short_of_one=1e-12, precision=1e-12)

    def deviance(self, share: float) -> float:
        ratio = share / (1 - share)
        weights = self.sizes / (1 + ratio * self.sizes)
        freedom = self.sizes.sum() - 1
        return float(freedom * np.log(self.error(share)) + np.log1p(ratio * self.sizes).sum() + np.log(weights.sum()))

    def error(self, share: float) -> float:
        weights = self.sizes / (1 + share / (1 - share) * self.sizes)
        mean = float((weights * self.means).sum() / weights.sum())
        return float((self.within + (weights * (self.means - mean) ** 2).sum()) / (self.sizes.sum() - 1))
