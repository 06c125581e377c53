"""Writing the reply that a dialogue is owed: streamed as a preview, stored whole, and never leaving anyone stranded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import structlog

from core.dialogue import Dialogue
from core.transcript import Role
from llm.faults import ModelFault
from server import frames
from server.counterparts import CounterpartReply

GRACE_S = 8.0
"""A reply that has not begun after this pauses the clock and is announced as delayed."""
ATTEMPTS = 3
"""How often a reply is begun; each attempt has the door's own retries and fallbacks behind it."""
PAUSE_S = 2.0

log = structlog.get_logger()


class Replied(Protocol):
    """The dialogue that a reply is written for."""

    @property
    def state(self) -> Dialogue: ...

    def send(self, frame: dict[str, Any]) -> None:
        """Tell the page, if one is connected."""

    async def begin_reply(self) -> CounterpartReply:
        """The counterpart's reply to the last message."""

    async def store_reply(self, reply: CounterpartReply, *, after: int) -> None:
        """Make the reply to the line `after` durable, however long the storage takes to come back."""

    async def miss_counterpart(self) -> None:
        """The clock waits, where there is one: the counterpart keeps the supporter waiting beyond the grace."""

    async def give_up_reply(self) -> None:
        """No reply will come; that is made durable as well."""


class ReplyWriter:
    """Writes at most one reply at a time; `preview` is what of it has been shown."""

    def __init__(
        self,
        dialogue: Replied,
        *,
        on_done: Callable[[], Awaitable[None]],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.preview: str | None = None
        self._dialogue = dialogue
        self._on_done = on_done
        self._spawn = spawn
        self._task: asyncio.Task[None] | None = None
        self._is_late = False
        """Whether the page has been told that the reply under way keeps it waiting."""
        self._given_up: int | None = None
        """The seq of the line that no reply will come to, until its participant joins again."""

    @property
    def is_writing(self) -> bool:
        return self._task is not None

    def begin(self) -> None:
        """Begin the reply that is owed, unless one is being written or it was given up."""
        if self._task is None and self._owed_to() != self._given_up:
            self._task = asyncio.create_task(self._write(), name="reply")

    def hope_again(self) -> None:
        """Somebody has come back: what was given up is tried once more."""
        self._given_up = None

    def stop(self) -> None:
        """Drop the reply under way; called from within it, it only forgets the preview."""
        self.preview = None
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            self._task = None

    def show_to(self, send: Callable[[dict[str, Any]], None]) -> None:
        """Show a page that joins in the middle what has been shown so far."""
        if self.preview is not None:
            send(frames.typing(self._dialogue.state.counterpart))
            if self.preview:
                send(frames.delta(self._dialogue.state.counterpart, self.preview))

    async def _write(self) -> None:
        self._is_late = False
        grace = asyncio.get_running_loop().call_later(GRACE_S, lambda: self._spawn(self._miss()))
        try:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    await self._stream(grace)
                    return
                except ModelFault as fault:
                    log.warning("reply failed", attempt=attempt, kind=fault.kind)
                    self.preview = None
                    await self._miss()
                    if attempt < ATTEMPTS:
                        await asyncio.sleep(PAUSE_S * attempt)
            await self._give_up()
        except Exception:  # the outermost of this task: a fault of ours must not leave anybody waiting
            log.exception("reply broke off")
            await self._give_up()
        finally:
            grace.cancel()
            if self._task is asyncio.current_task():
                self._task = None
                self.preview = None
                await self._on_done()

    async def _give_up(self) -> None:
        self._given_up = self._owed_to()
        await self._dialogue.give_up_reply()

    def _owed_to(self) -> int:
        """The seq of the line that waits for a reply."""
        return self._dialogue.state.messages[-1].seq

    async def _stream(self, grace: asyncio.TimerHandle) -> None:
        role, line = self._dialogue.state.counterpart, self._owed_to()
        self.preview = ""
        self._dialogue.send(frames.typing(role))
        reply = await self._dialogue.begin_reply()
        async for piece in reply:
            grace.cancel()
            if piece:
                self.preview += piece
                self._dialogue.send(frames.delta(role, piece))
        await self._dialogue.store_reply(reply, after=line)

    async def _miss(self) -> None:
        """Tell the page, once, that the reply keeps it waiting."""
        if not self._is_late:
            self._is_late = True
            is_coach = self._dialogue.state.counterpart is Role.COACH
            self._dialogue.send(frames.notice("coach_delayed" if is_coach else "reply_delayed"))
        await self._dialogue.miss_counterpart()
