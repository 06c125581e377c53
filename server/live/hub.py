"""All live dialogues of this process: one object per dialogue, let go of when nobody needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog

from core.dialogue import Close, Command, Dialogue, fold
from core.errors import DamagedLog, NotFound
from core.events import CloseReason
from server.background import end, repeating
from server.counterparts import Counterparts
from server.live.dialogue import Connection, LiveDialogue, Released
from server.live.record import SLOW_STORAGE_MS
from server.live.surroundings import Surroundings
from server.storage.database import STORAGE_FAULTS
from server.storage.log import Log, LogUnavailable
from server.storage.signs import SignsOfLife
from server.storage.tables import DialogueRow
from server.times import Now

SIGN_MS = 5_000
"""How often a process shows that it lives: a crash gives back at most this much of a clock."""
SHORTEST_SIGN_MS = 500
LATE_SIGNS = 2
"""Without a sign for this many times as long, a process has served nobody."""
SIGNS_KEPT_MS = 30 * 24 * 60 * 60 * 1000
"""For how long the signs of processes that have ended are kept: for longer than a conversation may stay open."""
CLOCK_INTERVAL_MS = 10_000
SHORTEST_INTERVAL_MS = 200

log = structlog.get_logger()


class Hub:
    """Where pages join, and where jobs speak into dialogues."""

    def __init__(
        self,
        *,
        log: Log,
        signs: SignsOfLife,
        find: Callable[[str], Awaitable[DialogueRow]],
        counterparts: Counterparts,
        now: Now,
        time_scale: float,
        on_closed: Callable[[DialogueRow], Awaitable[None]],
        on_alert: Callable[[DialogueRow], None],
        on_appended: Callable[[str], None] = lambda _dialogue_id: None,
        process: str = "",
        is_dead: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        """`process`: a name that no other has, nor ever had.

        `is_dead`: whether the process of that name has died; without it every other process counts as dead.
        """
        self._find = find
        self._is_dead = is_dead
        self._on_appended = on_appended
        self._sign_every_ms = max(SHORTEST_SIGN_MS, round(SIGN_MS / time_scale))
        self._late_ms = LATE_SIGNS * self._sign_every_ms
        self._repeated: list[asyncio.Task[None]] = []
        self._live: dict[str, LiveDialogue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._around = Surroundings(
            log=log,
            signs=signs,
            counterparts=counterparts,
            now=now,
            process=process,
            clock_interval_ms=max(SHORTEST_INTERVAL_MS, round(CLOCK_INTERVAL_MS / time_scale)),
            on_closed=on_closed,
            on_alert=on_alert,
            spawn=self.spawn,
        )

    def __len__(self) -> int:
        return len(self._live)

    async def start(self) -> None:
        """Show from now on that this process lives. Raises one of `STORAGE_FAULTS`."""
        await self._around.signs.forget(before=self._around.now() - SIGNS_KEPT_MS)
        every_s = self._sign_every_ms / 1000
        self._repeated = [
            repeating(self.show_life, every_s=every_s, name="signs of life"),
            repeating(self.look_for_feedback, every_s=every_s, name="looks for feedback"),
        ]

    async def join(
        self, dialogue_id: str, connection: Connection, *, participant_id: str, after_seq: int
    ) -> LiveDialogue:
        """Connect a page to its dialogue.

        Raises `NotFound` for a dialogue of somebody else, `DamagedLog` for one that cannot go on, or `LogUnavailable`.
        """
        if (await self._find(dialogue_id)).participant_id != participant_id:
            raise NotFound("There is no such dialogue.")
        return await self._with_live(dialogue_id, lambda live: live.join(connection, after_seq=after_seq))

    async def do(self, dialogue_id: str, command: Command) -> None:
        """Carry out a command that is never refused, whether anybody is connected or not."""
        await self._with_live(dialogue_id, lambda live: live.do(command))

    async def close(self, dialogue_id: str, reason: CloseReason) -> None:
        """Close a dialogue, live or not; a closed one stays as it is, and a damaged one too: it cannot go on."""
        with suppress(DamagedLog):
            await self.do(dialogue_id, Close(reason))

    async def abandon(self, dialogue_id: str, seq: int) -> None:
        """Close a dialogue that nobody has gone on with since its entry `seq`; a damaged one stays as it is."""
        with suppress(DamagedLog):
            await self._with_live(dialogue_id, lambda live: live.abandon(seq))

    async def give_up(self, dialogue_id: str) -> None:
        """Close a dialogue in which nobody has spoken, and nobody will; a damaged one stays as it is."""
        with suppress(DamagedLog):
            await self._with_live(dialogue_id, lambda live: live.give_up())

    async def look(self, dialogue_id: str) -> None:
        """Another process has appended to a dialogue; whoever is connected here is told."""
        if (live := self._live.get(dialogue_id)) is not None:
            await live.look()

    async def look_everywhere(self) -> None:
        """Word from other processes may have been lost."""
        for live in list(self._live.values()):
            await live.look()

    async def stop(self) -> None:
        """Let go of every dialogue: the clocks stop, replies under way are written again when somebody joins."""
        for task in self._repeated:
            await end(task)
        for live in list(self._live.values()):
            await live.shut_down()

    async def look_for_feedback(self) -> None:
        """Word of feedback that another process has given may be lost, and nothing else would ever tell of it."""
        for live in [live for live in self._live.values() if live.awaits_feedback]:
            await live.look()

    async def show_life(self) -> None:
        """Store that this process lives, once all lost time is given back; while that cannot be done, time is lost.

        So it is when the last sign is long ago: a machine that was asleep has served nobody.
        """
        around, asked = self._around, self._around.now()
        if 0 < around.signs.given_at < asked - self._late_ms:
            self._lose_time(around.signs.given_at)  # this process, or its machine, stood still
        try:
            await asyncio.gather(*(live.take_up() for live in list(self._live.values()) if live.time_was_lost))
            await around.signs.give(asked)
        except (LogUnavailable, *STORAGE_FAULTS):
            self._lose_time(around.signs.given_at)
            log.warning("no sign of life could be stored")
        else:
            if around.now() - asked > SLOW_STORAGE_MS:
                self._lose_time(asked)

    def _lose_time(self, since: int) -> None:
        for live in self._live.values():
            live.lose_time(since)

    async def _with_live(self, dialogue_id: str, work: Callable[[LiveDialogue], Awaitable[None]]) -> LiveDialogue:
        """Do `work` with the one live object of a dialogue; with the next one if it was let go of meanwhile."""
        while True:
            live = await self._get(dialogue_id)
            with suppress(Released):
                await work(live)
                self._on_appended(dialogue_id)
                return live

    async def _get(self, dialogue_id: str) -> LiveDialogue:
        """The live dialogue; of those who ask at once for one that is not live yet, all get the same."""
        if (live := self._live.get(dialogue_id)) is not None:
            return live
        row = await self._find(dialogue_id)
        state = fold(await self._around.log.read(dialogue_id))
        made = LiveDialogue(row, state, self._around, lost_since=await self._lost_since(state), release=self._release)
        return self._live.setdefault(dialogue_id, made)

    async def _lost_since(self, state: Dialogue) -> int | None:
        """Until when the dialogue was served, where its clock runs in the log and nobody serves it any more."""
        if state.clock is None or not state.clock.running:
            return None
        if state.process == self._around.process:
            return 0  # it would be live here: its last entry is all that is known
        last = await self._around.signs.last(state.process)
        stands_still = 0 < last < self._around.now() - self._late_ms
        if self._is_dead is not None and not stands_still and not await self._is_dead(state.process):
            return None
        return last

    def _release(self, live: LiveDialogue) -> None:
        """Forget a dialogue that nobody is connected to; its log knows everything."""
        if self._live.get(live.row.id) is live:
            del self._live[live.row.id]

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` on its own, kept from being collected, its failure logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("live task failed", exc_info=error)
