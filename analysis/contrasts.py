"""Treatments against each other: Wald tests between coefficients of one model, Holm-corrected (LE-97, LE-98, C-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.effects import POST
from analysis.regression import Fit
from core.dimensions import DIMENSIONS

PAIRS = (("ai_coach", "video"), ("combined", "video"), ("combined", "ai_coach"))
"""Each contrast is the first's effect minus the second's."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """The difference of two treatments' effects on one dimension; None where it is undefined."""

    dimension: str
    first: str
    second: str
    difference: float | None
    standardised: float | None
    """The difference divided by the dimension's SD."""
    se: float | None
    z: float | None
    p: float | None
    p_holm_dimension: float | None = None
    """Holm over the three contrasts of the dimension: what the paper printed."""
    p_holm_all: float | None = None
    """Holm over all eighteen: what its caption says."""


def contrasts(fits: Mapping[str, Fit]) -> list[Contrast]:
    """The 18 contrasts of the interaction coefficients, by dimension, then in the order of `PAIRS`."""
    by_dimension = [[contrast(fits[str(d)], str(d), pair) for pair in PAIRS] for d in DIMENSIONS]
    found = [
        replace(one, p_holm_dimension=p)
        for three in by_dimension
        for one, p in zip(three, holm([one.p for one in three]), strict=True)
    ]
    return [replace(one, p_holm_all=p) for one, p in zip(found, holm([one.p for one in found]), strict=True)]


def contrast(fit: Fit, dimension: str, pair: tuple[str, str]) -> Contrast:
    """One contrast: z = (a - b) / sqrt(Vaa + Vbb - 2 Vab), with the covariance of the two coefficients."""
    first, second = (f"{treatment}:{POST}" for treatment in pair)
    tested = fit.linear({first: 1.0, second: -1.0})
    return Contrast(
        dimension=dimension,
        first=pair[0],
        second=pair[1],
        difference=tested.estimate,
        standardised=tested.standardised,
        se=tested.se,
        z=tested.z,
        p=tested.p,
    )


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down p values in the given order; undefined ones stay None and do not count in the family."""
    defined = np.array([p for p in ps if p is not None], dtype=float)
    order = np.argsort(defined, kind="stable")
    corrected = np.empty_like(defined)
    corrected[order] = np.minimum(1, np.maximum.accumulate(defined[order] * np.arange(len(defined), 0, -1)))
    rest = iter(corrected.tolist())
    return [None if p is None else next(rest) for p in ps]
