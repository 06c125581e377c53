"""The gain in overall points, always with the name of the SD that divides it (LE-105, C-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.columns import REFERENCE, TREATMENTS
from analysis.effects import POST
from analysis.regression import Fit
from analysis.reliable_change import ReliableChange


@dataclass(frozen=True, slots=True)
class Gain:
    """One treatment's effect on the overall score, in points and divided by two different SDs."""

    points: float | None
    in_sd_of_change: float | None
    """Divided by the SD of change in the control condition: what the paper's 0.98 is."""
    in_sd_of_score: float | None
    """Divided by the SD of the overall score over all analysed conversations."""


def gains(overall: Fit, change: ReliableChange) -> Mapping[str, Gain]:
    """Gains per treatment from the fit of the overall score."""
    sd_of_change = change.by_condition[REFERENCE].sd_change
    found = {treatment: overall[f"{treatment}:{POST}"] for treatment in TREATMENTS}
    return {
        treatment: Gain(
            points=term.estimate,
            in_sd_of_change=term.estimate / sd_of_change if term.estimate is not None and sd_of_change else None,
            in_sd_of_score=term.standardised,
        )
        for treatment, term in found.items()
    }
