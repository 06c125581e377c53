"""What was asked for beside what was measured, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bench.capacity import Probe, capacity_of
from bench.figures import Figures, Memory, ratio_per_token
from bench.store import Stored
from bench.variants import Kind

AT_CHATS = 150
"""The load for which the ratios are asked."""
OWN = (Kind.SQLITE, Kind.POSTGRESQL)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """One demand on one variant."""

    what: str
    kind: Kind
    measured: float
    must: float
    at_most: bool
    goal: float | None = None

    @property
    def is_met(self) -> bool:
        return self._reaches(self.must)

    @property
    def reaches_goal(self) -> bool:
        return self.goal is not None and self._reaches(self.goal)

    def _reaches(self, limit: float) -> bool:
        return self.measured <= limit if self.at_most else self.measured >= limit


def targets_of_load(by_kind: Mapping[Kind, Figures]) -> list[Target]:
    """Of the load with `AT_CHATS`; what was not measured has no line."""
    if Kind.FLOOR not in by_kind:
        return []
    floor, found = by_kind[Kind.FLOOR], []
    for kind in OWN:
        if kind not in by_kind:
            continue
        ratio, added = ratio_per_token(by_kind[kind], floor), by_kind[kind].added.p99
        if ratio is not None:
            what = f"CPU per relayed token, times the floor's, {AT_CHATS} chats"
            found.append(Target(what, kind, ratio.overall, 1.6, at_most=True, goal=1.4))
        if added is not None:
            found.append(Target(f"p99 added first-token time, ms, {AT_CHATS} chats", kind, added, 20, at_most=True))
        if added is not None and floor.added.p99:
            what = f"p99 added first-token time, times the floor's, {AT_CHATS} chats"
            found.append(Target(what, kind, added / floor.added.p99, 3, at_most=True))
    return found


def targets_of_capacity(searches: Mapping[Kind, Sequence[Probe]]) -> list[Target]:
    """Of the searches; the ratios where the contender has an answer."""
    chats = {kind: capacity_of(probes).chats for kind, probes in searches.items()}
    found = []
    for kind in OWN:
        if not chats.get(kind):
            continue
        found.append(Target("chats per core", kind, chats[kind], 1500, at_most=False, goal=2500))
        for other, name in ((Kind.CHAINLIT, "Chainlit's"), (Kind.OTREE, "oTree's")):
            if chats.get(other):
                what = f"chats per core, times {name}"
                found.append(Target(what, kind, chats[kind] / chats[other], 6, at_most=False, goal=10))
    return found


def targets_of_memory(by_kind: Mapping[Kind, Memory]) -> list[Target]:
    return _each(by_kind, "KiB per idle chat", lambda found: found.idle_kib, 50, at_most=True)


def targets_of_store(by_kind: Mapping[Kind, Stored]) -> list[Target]:
    what = "store alone: acknowledgements a second"
    return _each(by_kind, what, lambda found: found.acknowledged / found.seconds, 10_000, at_most=False)


def _each(
    by_kind: Mapping[Kind, T], what: str, value: Callable[[T], float], must: float, *, at_most: bool
) -> list[Target]:
    return [Target(what, kind, value(by_kind[kind]), must, at_most) for kind in OWN if kind in by_kind]
