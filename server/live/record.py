"""A dialogue and its log: decides commands one at a time, stores what they make happen, and hands on what is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.dialogue import Command, Dialogue, KeepAlive, TakeUp, active_since, decide, due, evolve
from core.events import Entry
from server.live.surroundings import Surroundings
from server.storage.log import LogConflict, LogUnavailable

APPEND_ATTEMPTS = 20
SLOW_STORAGE_MS = 1_000
"""A storage that takes longer than this to store something takes nobody's time."""


class Record:
    """The state of a dialogue as its log is known to tell it; who calls holds the lock of the dialogue."""

    def __init__(
        self,
        dialogue_id: str,
        state: Dialogue,
        around: Surroundings,
        *,
        lost_since: int | None,
        on_stored: Callable[[Sequence[Entry], Dialogue], None],
        on_time_back: Callable[[], None],
    ) -> None:
        """`on_stored` is told each group of entries, whoever wrote it, with the state before it.

        `lost_since`: until when the dialogue was served, where its clock ran on in the log after that.
        """
        self.state = state
        self._lost_since = lost_since
        self._dialogue_id = dialogue_id
        self._log, self._now, self._signs = around.log, around.now, around.signs
        self._process = around.process
        self._on_stored = on_stored
        self._on_time_back = on_time_back

    @property
    def time_was_lost(self) -> bool:
        """Whether the clock ran in the log while nobody served the dialogue, or nothing could be stored."""
        return self._lost_since is not None

    def lose_time(self, since: int) -> None:
        """What the clock runs from `since` on is not the participant's, until something can be stored again."""
        if self._lost_since is None:
            self._lost_since = since

    async def perform(self, command: Command, *, still: Callable[[], bool] = lambda: True) -> None:
        """What is due first, then what `command` makes happen; again from the log when another writer was first.

        `still` says whether the command is wanted after what the other has written. Raises `Refused`, or
        `LogUnavailable`: then the time until the storage is back is not the participant's.
        """
        is_behind = False
        for _ in range(APPEND_ATTEMPTS):
            try:
                if is_behind:
                    served_by = self.state.process
                    await self.catch_up()
                    if self.state.process not in (served_by, self._process):
                        self._lost_since = None  # whoever serves the dialogue now keeps its time
                    if not still():
                        return
                await self._take_up()
                while entries := due(self.state, self._now()):
                    await self._append(entries)
                await self._append(decide(self.state, command, self._now()))
            except LogConflict:
                is_behind = True
            except LogUnavailable:
                self.lose_time(self._signs.given_at)
                raise
            else:
                return
        raise LogConflict

    async def catch_up(self) -> None:
        """Take in what stands in the log beyond what is known: another process's, or ours whose answer was lost.

        Raises `LogUnavailable`.
        """
        self._take_in([e for e in await self._log.read(self._dialogue_id) if e.seq > self.state.seq])

    async def active_ms(self, last_ms: int) -> int:
        """How much of the last so many milliseconds the clock ran. Raises `LogUnavailable`."""
        now = self._now()
        return active_since(await self._log.read(self._dialogue_id), now - last_ms, now=now)

    async def _take_up(self) -> None:
        """Give back the time that was lost; what storing that takes in its turn, the next sign of life gives back."""
        if (since := self._lost_since) is None:
            return
        self._lost_since = None
        try:
            await self._pass_until(since)
            await self._append(decide(self.state, TakeUp(), self._now()))
        except (LogConflict, LogUnavailable):
            self._lost_since = since
            raise
        self._on_time_back()

    async def _pass_until(self, served_until: int) -> None:
        """Let the time pass in which the dialogue was served after its last entry."""
        if served_until > self.state.at:
            while entries := due(self.state, served_until):
                await self._append(entries)
            await self._append(decide(self.state, KeepAlive(), served_until))

    async def _append(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        asked = self._now()
        await self._log.append(self._dialogue_id, entries)
        if self._now() - asked > SLOW_STORAGE_MS:
            self.lose_time(asked)
        self._take_in(entries)

    def _take_in(self, entries: Sequence[Entry]) -> None:
        before = self.state
        for entry in entries:
            self.state = evolve(self.state, entry)
        if entries:
            self._on_stored(entries, before)
