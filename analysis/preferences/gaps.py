"""How often the higher-scored conversation is chosen, by how far the two are apart (LE-159, LE-160)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

LARGEST = 24
"""Points between the best and the worst overall score."""
BINS = ((1, 3), (4, 6), (7, 9), (10, 12), (13, LARGEST))
"""Points of difference, both ends included; means of repeats belong to the bin they round into."""
POINTS = (1, 5, 10)
"""The differences whose rates the paper prints."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % Wilson interval; None without a trial."""

    low: int
    high: int
    n: int
    chosen: int
    rate: float | None
    ci_low: float | None
    ci_high: float | None


def rates(rows: pd.DataFrame, bins: Sequence[tuple[int, int]] = BINS) -> list[Rate]:
    """The rate of each bin over trials with `higher` and `gap`, as `trials` gives them."""
    known = rows[rows["higher"].notna()]
    gap = np.floor(known["gap"].to_numpy(dtype=float) + 0.5)
    chosen = known["higher"].to_numpy(dtype=float)
    return [_rate(low, high, chosen[(gap >= low) & (gap <= high)].tolist()) for low, high in bins]


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share; `n` at least 1."""
    low, high = proportion_confint(successes, n, alpha=0.05, method="wilson")
    return float(low), float(high)


def _rate(low: int, high: int, chosen: Sequence[float]) -> Rate:
    n, successes = len(chosen), int(sum(chosen))
    if not n:
        return Rate(low, high, 0, 0, None, None, None)
    return Rate(low, high, n, successes, successes / n, *wilson(successes, n))
