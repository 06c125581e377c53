"""One attempt while it runs: timed, then written into the ledger and the state of its role, whatever way it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from llm.faults import ModelFault
from llm.health import Watchbook
from llm.ledger import CANCELLED, CRASHED, OK, Attempt, Ledger
from llm.prices import PriceList
from llm.reply import Label, Usage
from llm.request import Request


@dataclass(slots=True)
class Running:
    """What an attempt has brought so far."""

    request: Request
    label: Label
    number: int
    started_at: datetime
    began_s: float
    first_token_s: float | None = None
    said: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes every attempt down once it is over."""

    ledger: Ledger
    prices: PriceList
    watchbook: Watchbook
    now: Callable[[], datetime]
    """The time of day in UTC."""
    elapsed: Callable[[], float]
    """Seconds on a clock that only goes forward."""

    @contextmanager
    def attempt(self, request: Request, label: Label, *, number: int) -> Iterator[Running]:
        """An attempt for as long as the block runs; the fault that leaves the block is its outcome."""
        running = Running(
            request=request, label=label, number=number, started_at=_ms(self.now()), began_s=self.elapsed()
        )
        try:
            yield running
        except ModelFault as fault:
            running.usage = fault.usage or running.usage
            self._record(running, fault.kind, fault=fault)
            self.watchbook.failed(request.role, fault, model=label.model, at=_ms(self.now()))
            raise
        except (asyncio.CancelledError, GeneratorExit):
            self._record(running, CANCELLED)
            raise
        except BaseException:
            self._record(running, CRASHED)
            raise
        self._record(running, OK)
        self.watchbook.succeeded(request.role, model=label.model, at=_ms(self.now()))

    def _record(self, running: Running, outcome: str, *, fault: ModelFault | None = None) -> None:
        request, label = running.request, running.label
        began = running.began_s
        first = running.first_token_s
        self.ledger.record(
            Attempt(
                role=request.role,
                model=label.model,
                purpose=request.purpose,
                number=running.number,
                prompt_version=label.prompt_version,
                prompt_hash=label.prompt_hash,
                parameters=label.parameters,
                started_at=running.started_at,
                first_token_ms=None if first is None else round((first - began) * 1000),
                total_ms=round((self.elapsed() - began) * 1000),
                outcome=outcome,
                error=str(fault) if fault else "",
                status=fault.status if fault else None,
                usage=running.usage,
                cost=self.prices.cost(label.model, running.usage),
                prompt=request.prompt,
                raw=(fault.raw if fault else "") or "".join(running.said),
            )
        )


def _ms(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
