"""Choosing whom to compare next: those compared least, with others close in rating and seldom met (LE-143, LE-144)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

_GAP = 40.0
"""So many rating points apart weigh as much as one comparison more."""
_MET = 3.0
"""Having met before weighs as much as so many comparisons more."""
_LUCK = 0.5
"""Of several that are as good, chance takes one."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two different conversations; `a` is the one shown as A when they are asked about first."""

    a: str
    b: str


@dataclass(slots=True)
class Meetings:
    """How often each conversation was compared, and each two with one another."""

    times: Counter[str] = field(default_factory=Counter)
    together: Counter[frozenset[str]] = field(default_factory=Counter)

    def add(self, pair: Pair) -> None:
        self.times.update((pair.a, pair.b))
        self.together[frozenset((pair.a, pair.b))] += 1


def next_pairs(
    ids: Sequence[str], ratings: Mapping[str, float], meetings: Meetings, *, number: int, draw: Random
) -> Iterable[Pair]:
    """`number` pairs among `ids`, two at least, each drawn with the ones before it in `meetings`, which they enter.

    Who has been compared least comes first; the partner is close in rating, seldom compared and seldom met before.
    """
    for _ in range(number):
        least = min(meetings.times[id_] for id_ in ids)
        first = draw.choice([id_ for id_ in ids if meetings.times[id_] == least])

        def distance(other: str, first: str = first, least: int = least) -> float:
            gap = abs(ratings[other] - ratings[first]) / _GAP
            more = meetings.times[other] - least
            met = _MET * meetings.together[frozenset((first, other))]
            return gap + more + met + _LUCK * draw.random()

        second = min((id_ for id_ in ids if id_ != first), key=distance)
        pair = Pair(first, second) if draw.random() < 0.5 else Pair(second, first)
        meetings.add(pair)
        yield pair
