"""Are some troubles easier to listen to: standardised means by kind of trouble before any training (LE-113)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.regression import Z_95, spread
from core.dimensions import DIMENSIONS


@dataclass(frozen=True, slots=True)
class DomainMean:
    """A dimension's mean in one kind of trouble, in SD from the mean of all round-1 conversations."""

    n: int
    mean: float | None
    ci_low: float | None
    ci_high: float | None


def domains(conversations: pd.DataFrame) -> dict[str, Mapping[str, DomainMean]]:
    """trouble type -> dimension -> mean with 95 % interval, over conversations of round 1 (one per person)."""
    first = conversations[conversations["round"] == 1]
    types = sorted(str(kind) for kind in first["trouble_type"].unique() if kind)
    return {kind: {str(d): _mean(first, kind, str(d)) for d in DIMENSIONS} for kind in types}


def _mean(first: pd.DataFrame, kind: str, dimension: str) -> DomainMean:
    everyone = first[dimension].dropna().to_numpy(dtype=float)
    these = first.loc[first["trouble_type"] == kind, dimension].dropna().to_numpy(dtype=float)
    sd = spread(everyone)
    if not sd or not len(these):
        return DomainMean(n=len(these), mean=None, ci_low=None, ci_high=None)
    scaled = (these - everyone.mean()) / sd
    mean, within = float(scaled.mean()), spread(scaled)
    reach = None if within is None else Z_95 * within / float(np.sqrt(len(scaled)))
    return DomainMean(
        n=len(scaled),
        mean=mean,
        ci_low=None if reach is None else mean - reach,
        ci_high=None if reach is None else mean + reach,
    )
