"""What stands before every attempt of a command: a pace in calls per second, and a cap on what is spent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from llm.faults import NotAsked
from llm.ledger import CANCELLED, CRASHED, OK, Attempt, Ledger, NoLedger

BILLED = frozenset({OK, CANCELLED, CRASHED, "cut_off", "empty", "malformed", "timed_out"})
"""Outcomes of attempts in which the model has probably worked; the others were turned away before."""


class Gate(Protocol):
    """Lets an attempt through, now or later, or raises `NotAsked`; the block is the attempt."""

    def attempt(self) -> AbstractAsyncContextManager[None]: ...


class Spending:
    """A ledger that adds up what calls have cost, and passes them on."""

    def __init__(self, *, call_usd: float | None, ledger: Ledger | None = None) -> None:
        """`call_usd` counts for a call that was probably billed and whose cost nobody knows."""
        self.usd = 0.0
        self.call_usd = call_usd
        self._ledger = ledger or NoLedger()

    def record(self, attempt: Attempt) -> None:
        self.usd += self.cost(attempt)
        self._ledger.record(attempt)

    def cost(self, attempt: Attempt) -> float:
        """US dollars that one attempt counts for."""
        if attempt.cost.usd is not None:
            return attempt.cost.usd
        return (self.call_usd or 0.0) if attempt.outcome in BILLED else 0.0


class Budget:
    """A cap within one process: what was spent and what is under way stay below it together."""

    def __init__(self, spending: Spending, *, cap_usd: float | None = None, pace: Pace | None = None) -> None:
        self.spending = spending
        self._cap_usd = cap_usd
        self._pace = pace
        self._under_way = 0
        self.was_reached = False

    def affords(self, calls: int) -> int:
        """How many of `calls` further ones the cap leaves room for, by what one is expected to cost."""
        each = self.spending.call_usd or 0.0
        if self._cap_usd is None or each == 0:
            return calls
        left = self._cap_usd - self.spending.usd - self._under_way * each
        return max(0, min(calls, int(left / each + 1e-9)))

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Raises `NotAsked` when one call more would pass the cap."""
        if self._pace is not None:
            await self._pace.turn()
        if not self.affords(1):
            self.was_reached = True
            raise NotAsked(f"the cap of ${self._cap_usd:g} is reached")
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1


class Pace:
    """Lets calls go one by one, evenly spaced."""

    def __init__(
        self,
        calls_per_s: float,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._every_s = 1 / calls_per_s
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._sleep = sleep
        self._next = 0.0

    async def turn(self) -> None:
        """Return when the next call may go."""
        now = self._now()
        due = max(self._next, now)
        self._next = due + self._every_s
        if due > now:
            await self._sleep(due - now)
