"""Answers in the order of the questions, so many asked for at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 8
"""Calls under way at a time, where no rate asks for more."""
AHEAD = 4
"""Questions begun per call in flight: a slow one at the head then does not leave the others without work."""


async def in_order(questions: Iterator[Callable[[], Awaitable[T]]], *, at_once: int) -> AsyncGenerator[T]:
    """What the questions bring, in their order; those under way are cancelled when the reader leaves."""
    turns = asyncio.Semaphore(at_once)
    under_way: deque[asyncio.Task[T]] = deque()

    async def answer(question: Callable[[], Awaitable[T]]) -> T:
        async with turns:
            return await question()

    try:
        while True:
            while len(under_way) < at_once * AHEAD and (question := next(questions, None)):
                under_way.append(asyncio.create_task(answer(question)))
            if not under_way:
                return
            yield await under_way.popleft()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
