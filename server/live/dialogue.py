"""One dialogue while somebody is connected to it or a reply is being written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.clock import PauseCause
from core.dialogue import (
    Close,
    Command,
    Dialogue,
    Hide,
    Join,
    KeepAlive,
    Leave,
    MissSeeker,
    Refused,
    Reply,
    Say,
    Show,
    TakeUp,
    Tick,
    active_since,
    decide,
    due,
    evolve,
    fold,
    next_due,
)
from core.distress import speaks_of_self_harm
from core.events import Alerted, CloseReason, Entry, Paused, Said
from core.transcript import Role
from server import frames
from server.counterparts import CounterpartReply
from server.live.alarm import Alarm
from server.live.reply import ReplyWriter
from server.live.surroundings import Surroundings
from server.storage.log import LogConflict, LogUnavailable
from server.storage.tables import DialogueRow

APPEND_ATTEMPTS = 20
BEAT_GRID = 10
"""Into how many parts the time between two beats is cut for all dialogues alike."""
TRY_AGAIN_S = 0.5
"""How long a storage that cannot be written is given before the next attempt."""
SLOW_STORAGE_MS = 1_000
"""A storage that takes longer than this to store something takes nobody's time."""

log = structlog.get_logger()


class Released(Exception):
    """The hub has let go of this live dialogue; another one stands in its place."""


class Connection(Protocol):
    """The socket of one page, as a dialogue sees it."""

    id: str

    def send(self, frame: dict[str, Any]) -> None:
        """Queue a frame; never waits."""

    def close(self, code: int) -> None:
        """Close after what is queued."""

    @property
    def absent_ms(self) -> int:
        """For how long the page has given no sign of life; 0 when it is there."""


class LiveDialogue:
    """Decides commands one at a time, stores what they make happen, and then tells the page."""

    def __init__(
        self, row: DialogueRow, state: Dialogue, around: Surroundings, *, release: Callable[[LiveDialogue], None]
    ) -> None:
        self.row = row
        self.state = state
        self.is_released = False
        self._around = around
        self._release = release
        self._lock = asyncio.Lock()
        self._connection: Connection | None = None
        self._reply = ReplyWriter(self, on_done=self._after_reply)
        self._alarm = Alarm(self._ring)
        self._last_beat = self._last_clock = 0
        self._typing_since: int | None = None
        self._time_was_lost = False
        self._is_over = state.closed is not None

    # What the page does

    async def join(self, connection: Connection, *, after_seq: int, after_crash: bool) -> None:
        """Let `connection` take the dialogue over, tell it where things stand, and go on.

        `after_crash`: whoever served the dialogue has died. Raises `LogUnavailable` when the joining cannot be stored.
        """
        async with self._held():
            older, self._connection = self._connection, None
            self._time_was_lost = self._time_was_lost or after_crash
            if older is not None:
                older.close(frames.TAKEN_OVER)
                if older.absent_ms:
                    await self._perform(await self._leaving(older))
            await self._perform(Join(connection.id, process=self._around.process))
            self._connection = connection
            self._reply.hope_again()
            connection.send(frames.state(self.row.id, self.state, now=self._around.now(), after_seq=after_seq))
            self._reply.show_to(connection.send)
            self._go_on(says_goodbye=True)

    async def leave(self, connection: Connection) -> None:
        """The socket is gone; if another has taken over, that changes nothing."""
        async with self._lock:
            if self._connection is not connection:
                return
            self._connection = None
            while True:
                try:
                    await self._perform(await self._leaving(connection))
                    break
                except LogUnavailable:
                    await asyncio.sleep(TRY_AGAIN_S)
            self._go_on()

    async def _leaving(self, connection: Connection) -> Leave:
        """That the page has gone, and since when. Raises `LogUnavailable`."""
        if not (absent_ms := connection.absent_ms):
            return Leave(connection.id)
        now = self._around.now()
        log = await self._around.log.read(self.row.id)
        return Leave(connection.id, unseen_ms=active_since(log, now - absent_ms, now=now))

    async def say(self, connection: Connection, client_id: str, text: str, *, pasted: bool) -> None:
        """Store what the supporter says and acknowledge it, or refuse it by name."""
        async with self._lock:
            if not self._is_served_to(connection):
                return
            command = Say(
                client_id=client_id,
                text=text,
                pasted=pasted,
                compose_ms=self._composed_ms(),
                in_distress=speaks_of_self_harm(text),
            )
            try:
                stored = await self._perform(command)
                if not any(isinstance(entry.event, Said) for entry in stored) and client_id in self.state.seq_of:
                    connection.send(frames.ack(client_id, self.state.seq_of[client_id]))
            except Refused as refused:
                connection.send(frames.error(refused, client_id=client_id))
            except LogUnavailable:
                connection.send(frames.error(frames.UNAVAILABLE, client_id=client_id))
            self._go_on()

    async def show(self, connection: Connection, visible: bool) -> None:
        """The page came into sight, or went out of it."""
        async with self._lock:
            if self._is_served_to(connection):
                await self._perform_if_possible(Show() if visible else Hide())

    def type(self) -> None:
        """Remember when composing began: the first key after the last message."""
        if self._typing_since is None:
            self._typing_since = self._around.now()

    def _is_served_to(self, connection: Connection) -> bool:
        """Whether `connection` still has the dialogue; if not, it is told so."""
        if self._connection is connection:
            return True
        connection.close(frames.TAKEN_OVER)
        return False

    def _composed_ms(self) -> int | None:
        return None if self._typing_since is None else max(0, self._around.now() - self._typing_since)

    # What comes from inside

    async def do(self, command: Command) -> None:
        """Carry out a command that is never refused. Raises `LogUnavailable`, and `Released` when let go of."""
        async with self._held():
            await self._perform(command)
            self._go_on()

    async def end(self, reason: CloseReason, *, after_crash: bool) -> None:
        """Close the dialogue, whoever is connected. Raises as `do`."""
        async with self._held():
            self._time_was_lost = self._time_was_lost or after_crash
            await self._perform(Close(reason))
            self._go_on()

    async def look(self) -> None:
        """Another process may have appended: tell what is new."""
        async with self._lock:
            if not self.is_released:
                with suppress(LogUnavailable):  # the next append finds out
                    await self._catch_up()
                self._go_on()

    async def shut_down(self) -> None:
        """Leave the log in a state that any process can take up."""
        self._reply.stop()
        if (connection := self._connection) is not None:
            connection.close(frames.RESTARTING)
            await self.leave(connection)

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """The lock, for who comes by the hub. Raises `Released` when the hub has let go of this object meanwhile."""
        async with self._lock:
            if self.is_released:
                raise Released
            yield

    # Decide, store, tell

    async def _perform(self, command: Command) -> list[Entry]:
        """What is due first, then what `command` makes happen; again from the log when another writer was first.

        Returns what was stored. Raises `Refused`, or `LogUnavailable`: then the time until the storage is back is not
        the participant's.
        """
        is_behind = False
        for _ in range(APPEND_ATTEMPTS):
            try:
                if is_behind:
                    await self._catch_up()
                stored = await self._take_up()
                while entries := due(self.state, self._around.now()):
                    stored += await self._append(entries)
                return stored + await self._append(decide(self.state, command, self._around.now()))
            except LogConflict:
                is_behind = True
            except LogUnavailable:
                self._time_was_lost = True
                raise
        raise LogConflict

    async def _take_up(self) -> list[Entry]:
        """Give back the time that was lost; once more when storing that took long in its turn."""
        stored: list[Entry] = []
        while self._time_was_lost:
            self._time_was_lost = False
            try:
                stored += await self._append(decide(self.state, TakeUp(), self._around.now()))
            except LogConflict:
                self._time_was_lost = True
                raise
        return stored

    async def _perform_if_possible(self, command: Command) -> None:
        """Carry out what may be lost while the storage is away; the next alarm looks whether it is back."""
        try:
            await self._perform(command)
        except LogUnavailable:
            log.warning("storage unavailable", dialogue=self.row.id)
        self._go_on()

    async def _append(self, entries: Sequence[Entry]) -> list[Entry]:
        if not entries:
            return []
        asked = self._around.now()
        await self._around.log.append(self.row.id, entries)
        if self._around.now() - asked > SLOW_STORAGE_MS:
            self._time_was_lost = True
        before = self.state
        for entry in entries:
            self.state = evolve(self.state, entry)
        for entry in entries:
            self._tell(entry)
        if _clock_changed(before, self.state):
            self._send_clock(at=self.state.at)
        return list(entries)

    def _tell(self, entry: Entry) -> None:
        match entry.event:
            case Said(role=Role.SUPPORTER, client_id=client_id):
                self._typing_since = None
                self.send(frames.ack(client_id or "", entry.seq))
            case Said(role=role, text=text):
                self._typing_since = None
                self._reply.preview = None
                self.send(frames.message(entry.seq, role, text, entry.at))
            case Paused(cause=PauseCause.IDLE):
                self.send(frames.notice("idle"))
            case Alerted():
                self._around.on_alert(self.row)
                self.send(frames.notice("support_resources"))
            case _:
                pass

    async def _catch_up(self) -> None:
        """Take over what another process has appended, and step aside if somebody joined there."""
        before = self.state
        self.state = fold(await self._around.log.read(self.row.id))
        if self._connection is not None and self.state.is_open and self.state.connection != self._connection.id:
            self._connection.close(frames.TAKEN_OVER)
            self._connection = None
            self._reply.stop()
            return
        for spoken in self.state.messages:
            if spoken.seq > before.seq and spoken.role is not Role.SUPPORTER:
                self._reply.stop()
                self.send(frames.message(spoken.seq, spoken.role, spoken.text, spoken.at))
        if _clock_changed(before, self.state):
            self._send_clock()

    def _go_on(self, *, says_goodbye: bool = False) -> None:
        """After every change: say goodbye, begin the reply that is owed, and set the alarm for what time will bring."""
        if self.state.closed is not None:
            self._finish(self.state.closed, says_goodbye=says_goodbye)
        elif self.state.awaits_reply and (self._connection is not None or self._reply.is_writing):
            self._reply.begin()
        self._set_alarm()
        if self._connection is None and not self._reply.is_writing:
            self.is_released = True
            self._alarm.stop()
            self._release(self)

    def _finish(self, reason: CloseReason, *, says_goodbye: bool) -> None:
        """The dialogue is over: the page is told once, and what follows a conversation begins."""
        self._reply.stop()
        if self._connection is not None and (says_goodbye or not self._is_over):
            self._connection.send(frames.closed(reason))
            self._connection.close(frames.NORMAL)
        if not self._is_over:
            self._is_over = True
            self._around.spawn(self._around.on_closed(self.row))  # type: ignore[arg-type]

    # The reply

    async def begin_reply(self) -> CounterpartReply:
        while True:
            try:
                return await self._around.counterparts.reply(self.row, self.state)
            except (LogUnavailable, SQLAlchemyError, OSError):
                await asyncio.sleep(TRY_AGAIN_S)

    async def store_reply(self, reply: CounterpartReply) -> None:
        while True:
            try:
                async with self._lock:
                    await self._perform(Reply(reply.text, reply.stored_label()))
                    self._go_on()
            except LogUnavailable:
                await asyncio.sleep(TRY_AGAIN_S)
            else:
                return

    async def miss_counterpart(self) -> None:
        if self.state.is_open and not self.state.is_paused_by(PauseCause.SEEKER_UNAVAILABLE):
            self.send(frames.notice("reply_delayed"))
            async with self._lock:
                await self._perform_if_possible(MissSeeker())

    async def give_up_reply(self) -> None:
        if self.state.counterpart is Role.SEEKER:
            async with self._lock:
                await self._perform_if_possible(Close(CloseReason.FAILED))
        else:
            self.send(frames.notice("coach_unavailable"))

    async def _after_reply(self) -> None:
        async with self._lock:
            self._go_on()

    # Time

    def _set_alarm(self) -> None:
        clock = self.state.clock
        if self._connection is None or clock is None or not (clock.running or self._time_was_lost):
            self._alarm.stop()
            return
        moments = [self._next_beat(), self._last_clock + self._around.clock_interval_ms]
        if (moment := next_due(self.state)) is not None and not self._time_was_lost:
            moments.append(moment)
        self._alarm.set(moments, now=self._around.now())

    def _next_beat(self) -> int:
        """When the last entry of the log, or the last try at one, has almost become too old for a sign of life.

        On a grid that all dialogues share, so that their beats ring together and one commit carries them.
        """
        due_at = max(self.state.at, self._last_beat) + self.state.beat_ms
        return due_at - due_at % (self.state.beat_ms // BEAT_GRID)

    def _ring(self) -> None:
        """Do what the alarm was set for; where only the clock is to be told, without a task."""
        now = self._around.now()
        if now >= self._next_beat() or due(self.state, now) or self._lock.locked():
            self._around.spawn(self._let_time_pass())
        else:
            self._send_clock_if_due(now)
            self._set_alarm()

    async def _let_time_pass(self) -> None:
        async with self._lock:
            if self.is_released:
                return
            now = self._around.now()
            beats = now >= self._next_beat()
            if beats:
                self._last_beat = now
            await self._perform_if_possible(KeepAlive() if beats else Tick())
            if self.state.is_open:
                self._send_clock_if_due(now)

    def _send_clock_if_due(self, now: int) -> None:
        if now - self._last_clock >= self._around.clock_interval_ms:
            self._send_clock()

    def _send_clock(self, *, at: int | None = None) -> None:
        """Tell the clock as it is now; or as it was `at` the change that is told, however long its commit took."""
        self._last_clock = self._around.now()
        if self.state.clock is not None and not self._time_was_lost:
            self.send(frames.clock(self.state.clock, now=self._last_clock if at is None else at))

    def send(self, frame: dict[str, Any]) -> None:
        """Tell the page, if one is connected."""
        if self._connection is not None:
            self._connection.send(frame)


def _clock_changed(before: Dialogue, after: Dialogue) -> bool:
    a, b = before.clock, after.clock
    return b is not None and (a is None or (a.running, a.paused_by, a.stopped) != (b.running, b.paused_by, b.stopped))
