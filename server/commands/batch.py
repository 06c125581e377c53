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
from llm.gate import ROUNDING_USD, Budget, Spending
from llm.reply import Usage
from llm.request import Request
from llm.settings import model_settings


async def answered_by_batch(
    questions: Iterable[tuple[Request, type, int]],
    kept: AnswerCache,
    *,
    spending: Spending,
    budget: Budget,
    bar: Progress,
) -> BatchedAnswers | None:
    """The answers to `questions` (request, form, repeat), as many as `budget` leaves room for.

    None, with a word about it, without a batch endpoint. Raises `Unusable` when the endpoint fails; a batch that it
    works on is then taken up by the same command.
    """
    settings = model_settings()
    model = str(kept.choice)

    def spend(usage: Usage) -> None:
        cost = settings.prices.cost(model, usage)
        spending.add(cost.usd if cost.usd is not None else spending.call_usd or 0.0)

    task = bar.add_task(f"waiting for a batch of {model}", total=None)
    async with aclosing(Batches(base_url=settings.base_url, api_key=settings.api_key)) as batches:
        run = BatchRun(kept, batches, spend=spend, progress=lambda answered: bar.update(task, completed=answered))
        try:
            return await run.ask(questions, most=lambda: _affordable(budget, spending))
        except NoBatches:
            print(f"{settings.base_url} has no batch endpoint: going on with single calls.", file=sys.stderr)
            return None
        except ModelFault as fault:
            further = "takes up what was begun" if kept.batches() else "asks anew"
            raise Unusable(f"{fault}; the same command {further}") from None
        finally:
            bar.remove_task(task)


def _affordable(budget: Budget, spending: Spending) -> int:
    """How many questions the cap still leaves room for, by what one is expected to cost."""
    if budget.cap_usd is None or not spending.call_usd:
        return sys.maxsize
    return max(0, int((budget.cap_usd - budget.committed_usd + ROUNDING_USD) / spending.call_usd))
