"""A mean with its standard error and 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.regression import Z_95, Floats, spread


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of `n` values with its normal interval; None without values, an error needs two."""

    n: int
    mean: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None


def mean_of(values: Floats) -> Mean:
    """The mean of the values that are there, taken as independent: give one per person."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Mean(0, None, None, None, None)
    mean, sd = float(known.mean()), spread(known)
    if sd is None:
        return Mean(1, mean, None, None, None)
    se = sd / float(np.sqrt(len(known)))
    return Mean(len(known), mean, se, mean - Z_95 * se, mean + Z_95 * se)


def standardised(values: Floats) -> Floats:
    """Distance from the mean of all values in their SD (ddof 1); NaN where a value is missing or none differs."""
    known = values[np.isfinite(values)]
    sd = spread(known)
    return (values - known.mean()) / sd if sd else np.full(len(values), np.nan)
