"""What a live dialogue works with, and what it calls when something has happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from server.counterparts import Counterparts
from server.storage.log import Log
from server.storage.tables import DialogueRow
from server.times import Now


class SignsOfLife(Protocol):
    """Where processes store that they live."""

    async def give(self, at: int) -> None:
        """Store that this process lives `at` that time. Raises one of `STORAGE_FAULTS`."""

    async def last(self, process: str) -> int:
        """When `process` gave its last sign; 0 when it never did. Raises one of `STORAGE_FAULTS`."""

    async def forget(self, *, before: int) -> None:
        """Delete what is known of processes that gave no sign since `before`. Raises one of `STORAGE_FAULTS`."""


@dataclass(slots=True)
class Signs:
    """The signs of life of this process: all that it serves is known to have been served until the last of them."""

    stored: SignsOfLife
    given_at: int = 0

    async def give(self, at: int) -> None:
        """Store a sign. Raises one of `STORAGE_FAULTS`."""
        await self.stored.give(at)
        self.given_at = at


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Shared by all live dialogues of a process."""

    log: Log
    signs: Signs
    counterparts: Counterparts
    now: Now
    process: str
    """The name under which this process joins dialogues; it holds a lease on it for as long as it lives."""
    clock_interval_ms: int
    on_closed: Callable[[DialogueRow], Awaitable[None]]
    on_alert: Callable[[DialogueRow], None]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    """Runs something on its own, kept from being collected, its failure logged."""
