"""Judging by batches: questions go up in one file, their answers are kept, and rows are then made from those."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from judges.cache import AnswerCache
from llm.batches import MOST_LINES, Batches, BatchState, NoBatches, batch_line
from llm.faults import BadRequest, NotAsked
from llm.models import Models
from llm.reply import Answer, T, TextReply, Usage
from llm.request import Request
from llm.structured import json_part

GONE = 404
"""The address does not know the batch any more: the next run asks anew."""
FIRST_LOOK_S = 1.0
LONGEST_LOOK_S = 60.0
"""A batch is looked at after 1, 2, 4 … seconds, at last once a minute: it may take a day."""


@dataclass(frozen=True, slots=True)
class BatchedAnswers:
    """Kept answers; what a batch could not answer is not asked about again in this run."""

    kept: AnswerCache
    problems: Mapping[str, str]
    """Why a question has no answer, by its key."""

    async def answer(self, models: Models, request: Request, schema: type[T], *, repeat: int) -> Answer[T]:
        """The kept answer, else the model's. Raises `NotAsked` for a question that a batch did not answer."""
        if problem := self.problems.get(self.kept.key(request, schema, repeat=repeat)):
            raise NotAsked(f"the batch did not answer: {problem}")
        return await self.kept.answer(models, request, schema, repeat=repeat)

    async def text(self, models: Models, request: Request, *, repeat: int) -> TextReply:
        return await self.kept.text(models, request, repeat=repeat)


@dataclass
class BatchRun:
    """One model's questions of one command, put to its batch endpoint."""

    kept: AnswerCache
    batches: Batches
    spend: Callable[[Usage], None]
    """Is told what each answer used."""
    progress: Callable[[int], None]
    """Is told how many questions of the present batch are answered."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def ask(self, questions: Iterable[tuple[Request, type, int]], *, most: Callable[[], int]) -> BatchedAnswers:
        """Have `questions` (request, form, repeat) answered; what is kept is not asked again.

        Batches that an earlier run has begun are waited for first; `most` then says how many questions may be asked
        beyond what those have cost. Raises `NoBatches` where there is no such endpoint,
        and a `ModelFault` when it fails; what was begun is found again by the next run.
        """
        problems: dict[str, str] = {}
        for file, batch in self.kept.batches():
            problems |= await self._finish(file, batch or await self.batches.find(file))
        lines: dict[str, bytes] = {}
        limit = most()
        for request, form, repeat in questions:
            key = self.kept.key(request, form, repeat=repeat)
            if key not in problems and not self.kept.has(request, form, repeat=repeat) and len(lines) < limit:
                choice = self.kept.choice
                lines[key] = batch_line(key, request, form, model=choice.model, parameters=choice.decoding(request))
        keys = list(lines)
        for start in range(0, len(keys), MOST_LINES):
            file = await self.batches.upload([lines[key] for key in keys[start : start + MOST_LINES]])
            self.kept.note_batch(file, None)
            answered = await self._finish(file, None)
            problems |= answered
            problems |= {
                key: "it came to an end before"
                for key in keys[start : start + MOST_LINES]
                if key not in answered and not self.kept.has_key(key)
            }
        return BatchedAnswers(self.kept, problems)

    async def _finish(self, file: str, batch: str | None) -> dict[str, str]:
        """Wait for the batch of `file`, begun now unless it was; the problems of what it did not answer."""
        try:
            batch = batch or await self.batches.begin(file)
            self.kept.note_batch(file, batch)
            state = await self._wait(batch)
        except NoBatches:
            self.kept.forget_batch(file)
            raise
        except BadRequest as fault:
            if fault.status == GONE:
                self.kept.forget_batch(file)
            raise
        problems = {}
        for answer in await self.batches.answers(state):
            self.spend(answer.usage)
            if answer.text is None:
                problems[answer.key] = answer.problem
            else:
                self.kept.keep(answer.key, json_part(answer.text))
        self.kept.forget_batch(file)
        if state.problem:
            raise NotAsked(f"the batch failed: {state.problem}")
        return problems

    async def _wait(self, batch: str) -> BatchState:
        pause_s = FIRST_LOOK_S
        while not (state := await self.batches.look(batch)).is_over:
            self.progress(state.answered)
            await self.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_LOOK_S)
        return state
