"""Tasks in the background: work that is done again and again, and tasks that are ended in good order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

log = structlog.get_logger()


async def repeat(work: Callable[[], Awaitable[None]], *, every_s: float, name: str) -> None:
    """Do `work` every so many seconds until cancelled; a failure is logged and tried again, never the end."""
    while True:
        try:
            await work()
        except Exception:  # the outermost loop: whatever went wrong may go right the next time
            log.exception("background work failed", work=name)
        await asyncio.sleep(every_s)


def repeating(work: Callable[[], Awaitable[None]], *, every_s: float, name: str) -> asyncio.Task[None]:
    """A task that does so."""
    return asyncio.create_task(repeat(work, every_s=every_s, name=name), name=name)


async def end(task: asyncio.Task[Any] | None) -> None:
    """Cancel a task and wait until it has ended."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
