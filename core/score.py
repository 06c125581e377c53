"""A judge's score of one transcript, where a missing judgement is missing and never a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.dimensions import DIMENSIONS, PRESCRIPTIVE, Dimension

SCALE = range(1, 6)
"""The study scale (LE-81). The coach's meters have a scale of their own; no conversion between them exists (C-3)."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one judge said about one transcript."""

    scores: Mapping[Dimension, int | None]
    """1-5 per dimension; None where the judge gave none."""
    evidence: Mapping[Dimension, tuple[str, ...]] = field(default_factory=dict)
    """Quotes that stand verbatim in the transcript."""
    reason: Mapping[Dimension, str] = field(default_factory=dict)
    failure: str | None = None
    """Why at least one dimension is missing; None when all six are there."""

    def __post_init__(self) -> None:
        for dimension, score in self.scores.items():
            if score is not None and score not in SCALE:
                raise ValueError(f"{dimension}: {score} is off the scale 1-5")

    @property
    def overall(self) -> int | None:
        return overall(self.scores)


def overall(scores: Mapping[Dimension, int | None]) -> int | None:
    """Sum of the prescriptive minus sum of the proscriptive scores, -12..12 (LE-83); None unless all six are there."""
    total = 0
    for dimension in DIMENSIONS:
        score = scores.get(dimension)
        if score is None:
            return None
        total += score if dimension in PRESCRIPTIVE else -score
    return total
