"""What a live dialogue works with, and what it calls when something has happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from server.counterparts import Counterparts
from server.storage.log import Log
from server.storage.signs import SignsOfLife
from server.storage.tables import DialogueRow
from server.times import Now


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Shared by all live dialogues of a process."""

    log: Log
    signs: SignsOfLife
    counterparts: Counterparts
    now: Now
    process: str
    """The name under which this process joins dialogues; it holds a lease on it for as long as it lives."""
    clock_interval_ms: int
    on_closed: Callable[[DialogueRow], Awaitable[None]]
    on_alert: Callable[[DialogueRow], None]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    """Runs something on its own, kept from being collected, its failure logged."""
