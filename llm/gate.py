"""What stands before every attempt of a command: a pace in calls per second, and a cap on what is spent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from core.money import dollars
from llm.faults import NotAsked
from llm.ledger import CANCELLED, CRASHED, OK, Attempt, Ledger, NoLedger

BILLED = frozenset({OK, CANCELLED, CRASHED, "cut_off", "empty", "malformed", "timed_out"})
"""Outcomes of attempts in which the model has probably worked; the others were turned away before."""
ROUNDING_USD = 1e-9
"""Of sums of dollars: a cap of ten calls is ten calls."""


class Gate(Protocol):
    """Lets an attempt through, now or later, or raises `NotAsked`; the block is the attempt."""

    def attempt(self) -> AbstractAsyncContextManager[None]: ...


class Spending:
    """A ledger that adds up what calls of one model have cost, and passes them on."""

    def __init__(self, *, call_usd: float | None = None, ledger: Ledger | None = None) -> None:
        """`call_usd` counts for a call that was probably billed and whose cost nobody knows."""
        self.usd = 0.0
        self.call_usd = call_usd
        self._ledger = ledger or NoLedger()

    def record(self, attempt: Attempt) -> None:
        self.add(self.cost(attempt))
        self._ledger.record(attempt)

    def add(self, usd: float) -> None:
        """Count dollars that no attempt of this process has cost, such as those of a batch."""
        self.usd += usd

    def cost(self, attempt: Attempt) -> float:
        """US dollars that one attempt counts for."""
        if attempt.cost.usd is not None:
            return attempt.cost.usd
        return (self.call_usd or 0.0) if attempt.outcome in BILLED else 0.0


class UnderWay:
    """Calls that dollars are set aside for: they may cost less, and then leave room below a cap for others."""

    def __init__(self) -> None:
        self._calls = 0
        self._ended = asyncio.Event()

    @asynccontextmanager
    async def one_more(self, set_aside: Callable[[], Awaitable[bool]], *, cap_usd: float) -> AsyncIterator[None]:
        """The block is a call, at whose end it is known what it has cost.

        Raises `NotAsked` when `set_aside` finds no room for it, now or when any of those under way has ended.
        """
        if not await self._is_room(set_aside):
            raise NotAsked(f"the cap of {dollars(cap_usd)} is reached")
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1
            self._ended.set()
            self._ended = asyncio.Event()

    async def _is_room(self, set_aside: Callable[[], Awaitable[bool]]) -> bool:
        while True:
            ended = self._ended
            if await set_aside():
                return True
            if not self._calls and not ended.is_set():
                return False
            await ended.wait()


class Budget:
    """A cap within one process, over several models: spent and under way stay below it together."""

    def __init__(self, *, cap_usd: float | None = None, pace: Pace | None = None) -> None:
        self.cap_usd = cap_usd
        self.pace = pace
        self.under_way = UnderWay()
        self.under_way_usd = 0.0
        self._spendings: list[Spending] = []

    def of_model(self) -> tuple[Spending, Gate]:
        """The ledger and the gate of one model; its `call_usd` is to be set once it is known."""
        spending = Spending()
        self._spendings.append(spending)
        return spending, _BudgetGate(self, spending)

    @property
    def committed_usd(self) -> float:
        """Spent, and set aside for calls under way."""
        return sum(spending.usd for spending in self._spendings) + self.under_way_usd

    async def set_aside(self, usd: float) -> bool:
        """Set dollars aside for a call; False when the cap does not leave them."""
        if self.cap_usd is not None and self.committed_usd + usd > self.cap_usd + ROUNDING_USD:
            return False
        self.under_way_usd += usd
        return True


class _BudgetGate:
    """What the attempts of one model have to pass."""

    def __init__(self, budget: Budget, spending: Spending) -> None:
        self._budget = budget
        self._spending = spending

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Raises `NotAsked` when one call more would pass the cap."""
        budget, each = self._budget, self._spending.call_usd or 0.0
        async with budget.under_way.one_more(lambda: budget.set_aside(each), cap_usd=budget.cap_usd or 0.0):
            try:
                if budget.pace is not None:
                    await budget.pace.turn()
                yield
            finally:
                budget.under_way_usd -= each


class Pace:
    """Lets calls go one by one, evenly spaced; all at once without a rate."""

    def __init__(
        self,
        calls_per_s: float | None,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.calls_per_s = calls_per_s
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._sleep = sleep
        self._next = 0.0

    async def turn(self) -> None:
        """Return when the next call may go."""
        if self.calls_per_s is None:
            return
        now = self._now()
        due = max(self._next, now)
        self._next = due + 1 / self.calls_per_s
        if due > now:
            await self._sleep(due - now)
