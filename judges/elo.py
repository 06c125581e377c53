"""Elo ratings from pairwise choices (LE-145)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

START = 1000.0
K = 32.0
_POINTS_PER_TENFOLD = 400.0
"""A lead of this many points means odds of ten to one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One comparison that has been decided."""

    a: str
    b: str
    share: float
    """What went to `a`: 1 when it was chosen, 0 when `b` was, 0.5 for a tie."""


def expected_share(a: float, b: float) -> float:
    """What one rated `a` can expect against one rated `b`, 0 to 1."""
    return 1 / (1 + 10 ** ((b - a) / _POINTS_PER_TENFOLD))


@dataclass(slots=True)
class Elo:
    """Ratings that move with each outcome; their sum never changes."""

    start: float = START
    k: float = K
    ratings: dict[str, float] = field(default_factory=dict)

    def enter(self, ids: Iterable[str]) -> None:
        """Give everyone of `ids` who has no rating yet the first one."""
        for id_ in ids:
            self.ratings.setdefault(id_, self.start)

    def record(self, outcome: Outcome) -> None:
        """Move both ratings by the same amount, in opposite directions."""
        self.enter((outcome.a, outcome.b))
        gain = self.k * (outcome.share - expected_share(self.ratings[outcome.a], self.ratings[outcome.b]))
        self.ratings[outcome.a] += gain
        self.ratings[outcome.b] -= gain
