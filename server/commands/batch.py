"""Asking by the batch endpoint of the address that the settings name, on behalf of `judge`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import aclosing

from rich.progress import Progress

from core.errors import Unusable
from judges.batch import BatchedAnswers, BatchRun
from judges.cache import AnswerCache
from llm.batches import Batches, NoBatches
from llm.faults import ModelFault
from llm.gate import Spending
from llm.reply import Usage
from llm.request import Request
from llm.settings import model_settings
from server.commands.spending import Allowance


async def answered_by_batch(
    questions: Iterable[tuple[Request, type, int]],
    kept: AnswerCache,
    *,
    spending: Spending,
    allowance: Allowance,
    bar: Progress,
) -> BatchedAnswers | None:
    """The answers to `questions` (request, form, repeat); None, with a word about it, without a batch endpoint.

    Raises `Unusable` when the endpoint fails; the same command then takes up what was begun.
    """
    settings = model_settings()
    model = str(kept.choice)

    def spend(usage: Usage) -> None:
        cost = settings.prices.cost(model, usage)
        spending.usd += cost.usd if cost.usd is not None else spending.call_usd or 0.0

    task = bar.add_task(f"waiting for a batch of {model}", total=None)
    async with aclosing(Batches(base_url=settings.base_url, api_key=settings.api_key)) as batches:
        run = BatchRun(kept, batches, spend=spend, progress=lambda answered: bar.update(task, completed=answered))
        try:
            return await run.ask(questions, most=_affordable(allowance, spending))
        except NoBatches:
            print(f"{settings.base_url} has no batch endpoint: going on with single calls.", file=sys.stderr)
            return None
        except ModelFault as fault:
            raise Unusable(f"{fault}; the same command takes up what was begun") from None
        finally:
            bar.remove_task(task)


def _affordable(allowance: Allowance, spending: Spending) -> int:
    """How many questions the cap leaves room for, by what one is expected to cost."""
    if allowance.cap_usd is None or not spending.call_usd:
        return sys.maxsize
    return int(allowance.cap_usd / spending.call_usd + 1e-9)
