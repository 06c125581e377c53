"""What a run is to measure, how long, and how large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.variants import Kind

PARTS = ("load", "memory", "store", "capacity")
PERIOD_S = 20.0
"""One turn of each chat in this time, as the target has it."""
FULL_S, FULL_TURNS = 60.0, 1000
"""What a probe of the search has at least in its window, to count."""
SCOUT_S, SCOUT_TURNS = 8.0, 150
"""The same for the short ones, which only show where to look."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, how long, and how large."""

    kinds: Sequence[Kind]
    parts: Sequence[str]
    chats: Sequence[int]
    seconds: float
    """Of measuring for each variant under each load, over all rounds together."""
    rounds: int
    period_s: float = PERIOD_S
    memory_chats: int = 500
    store_s: float = 20.0
    warm_s: float = 3.0
    contenders_only_in_search: bool = False
    search_from: int = 0
    full_s: float = FULL_S
    full_turns: int = FULL_TURNS
    scout_s: float = SCOUT_S
    scout_turns: int = SCOUT_TURNS
    scouts: bool = True
    minutes: float = float("inf")

    def in_short(self) -> Plan:
        """A minute of it, that shows that everything runs and nothing else."""
        short = replace(self, chats=(5,), seconds=3.0, rounds=1, period_s=1.5, memory_chats=10, store_s=0.5, warm_s=0.5)
        return replace(short, search_from=40, full_s=3.0, full_turns=1, scout_s=2.0, scout_turns=1, minutes=0.0)
