"""One dialogue while somebody is connected to it or a reply is being written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import structlog

from core.clock import PauseCause
from core.dialogue import (
    Close,
    Command,
    Dialogue,
    Hide,
    Join,
    Leave,
    MissSeeker,
    Refused,
    Reply,
    Say,
    Show,
    Tick,
    due,
    next_due,
)
from core.distress import speaks_of_self_harm
from core.errors import DamagedLog
from core.events import Alerted, CloseReason, Entry, Joined, Paused, Said
from core.transcript import Role
from server import frames
from server.counterparts import CounterpartReply
from server.live.alarm import Alarm
from server.live.record import Record
from server.live.reply import ReplyWriter
from server.live.surroundings import Surroundings
from server.storage.database import STORAGE_FAULTS
from server.storage.log import LogUnavailable
from server.storage.tables import DialogueRow

TRY_AGAIN_S = 0.5
"""How long a storage that cannot be written is given before the next attempt."""
CLOCKS_APART = 40
"""Parts of the interval of clock frames: the clocks of one part are told together, for waking up costs the most."""

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
        self,
        row: DialogueRow,
        state: Dialogue,
        around: Surroundings,
        *,
        lost_since: int | None,
        release: Callable[[LiveDialogue], None],
    ) -> None:
        """`lost_since`: until when the dialogue was served, where its clock ran on in the log after that."""
        self.row = row
        self.is_released = False
        self._around = around
        self._record = Record(
            row.id,
            state,
            around,
            lost_since=lost_since,
            on_stored=self._tell_stored,
            on_time_back=self._send_clock,
        )
        self._release = release
        self._lock = asyncio.Lock()
        self._connection: Connection | None = None
        self._reply = ReplyWriter(self, on_done=self._after_reply, spawn=around.spawn)
        self._alarm = Alarm(self._ring)
        self._last_clock = 0
        self._typing_since: int | None = None
        self._is_over = state.closed is not None

    @property
    def state(self) -> Dialogue:
        """What the log is known to say."""
        return self._record.state

    # What the page does

    async def join(self, connection: Connection, *, after_seq: int) -> None:
        """Let `connection` take the dialogue over, tell it where things stand, and go on.

        Raises `LogUnavailable` when the joining cannot be stored, and `Released` when let go of.
        """
        async with self._held():
            older, self._connection = self._connection, None
            if older is not None:
                older.close(frames.TAKEN_OVER)
                if older.absent_ms:
                    await self._record.perform(await self._leaving(older))
            await self._record.perform(Join(connection.id, process=self._around.process))
            self._connection = connection
            self._reply.hope_again()
            connection.send(frames.state(self.row.id, self.state, now=self._around.now(), after_seq=after_seq))
            self._reply.show_to(connection.send)
            if self.state.is_paused_by(PauseCause.SUPPORT):
                connection.send(frames.notice("support_resources"))
            self._go_on(says_goodbye=True)

    async def leave(self, connection: Connection) -> None:
        """The socket is gone; if another has taken over, that changes nothing."""
        async with self._lock:
            if self._connection is not connection:
                return
            self._connection = None
            while True:
                try:
                    await self._record.perform(await self._leaving(connection))
                    break
                except LogUnavailable:
                    await asyncio.sleep(TRY_AGAIN_S)
            self._go_on()

    async def _leaving(self, connection: Connection) -> Leave:
        """That the page has gone, and since when. Raises `LogUnavailable`."""
        if not (absent_ms := connection.absent_ms):
            return Leave(connection.id)
        try:
            return Leave(connection.id, unseen_ms=await self._record.active_ms(absent_ms))
        except DamagedLog:
            return Leave(connection.id)

    async def say(self, connection: Connection, client_id: str, text: str, *, pasted: bool) -> None:
        """Store what the supporter says and acknowledge it, or refuse it by name."""
        async with self._lock:
            if not self._is_served_to(connection):
                return
            if (seq := self.state.seq_of.get(client_id)) is not None:
                connection.send(frames.ack(client_id, seq))
                return
            command = Say(
                client_id=client_id,
                text=text,
                pasted=pasted,
                compose_ms=self._composed_ms(),
                in_distress=speaks_of_self_harm(text),
            )
            try:
                await self._record.perform(command, still=lambda: self._connection is connection)
            except Refused as refused:
                connection.send(frames.error(refused, client_id=client_id))
            except LogUnavailable:
                connection.send(frames.error(frames.UNAVAILABLE, client_id=client_id))
            self._go_on()

    async def show(self, connection: Connection, visible: bool) -> None:
        """The page came into sight, or went out of it."""
        async with self._lock:
            if self._is_served_to(connection):
                command = Show() if visible else Hide()
                await self._perform_if_possible(command, still=lambda: self._connection is connection)

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
            await self._record.perform(command)

    @property
    def time_was_lost(self) -> bool:
        """Whether time is to be given back as soon as something can be stored."""
        return self._record.time_was_lost

    def lose_time(self, since: int) -> None:
        """Nothing could be stored `since` then: what the clock has run is given back when something can be."""
        if self.state.clock is not None and self.state.clock.running:
            self._record.lose_time(since)
            self._set_alarm()

    async def take_up(self) -> None:
        """Give lost time back. Raises `LogUnavailable`."""
        async with self._lock:
            if not self.is_released:
                await self._record.perform(Tick())
                self._go_on()

    @property
    def awaits_feedback(self) -> bool:
        """Whether a page is shown a coach who has not spoken yet: nothing is appended here, only looked for."""
        return self._connection is not None and self.state.counterpart is Role.COACH and not self.state.messages

    async def abandon(self, seq: int) -> None:
        """Close the dialogue unless anything has happened since its entry `seq`. Raises as `do` does."""
        async with self._held():
            if self.state.seq == seq:
                await self._record.perform(Close(CloseReason.ABANDONED), still=lambda: False)

    async def give_up(self) -> None:
        """Close the dialogue unless somebody has spoken in it. Raises as `do` does."""
        async with self._held():
            if not self.state.messages:
                await self._record.perform(Close(CloseReason.FAILED), still=lambda: not self.state.messages)

    async def look(self) -> None:
        """Another process may have appended: tell what is new."""
        async with self._lock:
            if not self.is_released:
                with suppress(LogUnavailable, DamagedLog):  # the next append, or who joins next, finds out
                    await self._record.catch_up()
                self._go_on()

    async def shut_down(self) -> None:
        """Leave the log in a state that any process can take up."""
        self._reply.stop()
        if (connection := self._connection) is not None:
            connection.close(frames.RESTARTING)
            await self.leave(connection)

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """The lock, for who comes by the hub; whatever comes of it, the dialogue goes on or is let go of.

        Raises `Released` when the hub has let go of this object meanwhile.
        """
        async with self._lock:
            if self.is_released:
                raise Released
            try:
                yield
            finally:
                self._go_on()

    # Through the log

    async def _perform_if_possible(self, command: Command, *, still: Callable[[], bool] = lambda: True) -> None:
        """Carry out what may be lost while the storage is away."""
        try:
            await self._record.perform(command, still=still)
        except LogUnavailable:
            log.warning("storage unavailable", dialogue=self.row.id)
        self._go_on()

    async def _perform_surely(self, command: Command, *, still: Callable[[], bool] = lambda: True) -> None:
        """Carry out what a reply has come to, however long the storage takes to come back."""
        while True:
            try:
                async with self._lock:
                    await self._record.perform(command, still=still)
                    self._go_on()
            except LogUnavailable:
                await asyncio.sleep(TRY_AGAIN_S)
            else:
                return

    def _tell_stored(self, entries: Sequence[Entry], before: Dialogue) -> None:
        """Tell what now stands in the log, whoever wrote it."""
        for entry in entries:
            self._tell(entry)
        if _clock_changed(before, self.state):
            self._send_clock(at=self.state.at)

    def _tell(self, entry: Entry) -> None:
        match entry.event:
            case Joined(connection):
                self._step_aside_for(connection)
            case Said(role=Role.SUPPORTER, client_id=client_id):
                self._typing_since = None
                self.send(frames.ack(client_id or "", entry.seq))
            case Said(role=role, text=text):
                self._typing_since = None
                self._reply.stop()
                self.send(frames.message(entry.seq, role, text, entry.at))
            case Paused(cause=PauseCause.IDLE):
                self.send(frames.notice("idle"))
            case Alerted():
                self._around.on_alert(self.row)
                self.send(frames.notice("support_resources"))
            case _:
                pass

    def _step_aside_for(self, connection_id: str) -> None:
        """Let go of the page, and of the reply to it, when another has joined by another process."""
        if self._connection is not None and self._connection.id != connection_id:
            self._connection.close(frames.TAKEN_OVER)
            self._connection = None
            self._reply.stop()

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
            except (LogUnavailable, *STORAGE_FAULTS):
                await asyncio.sleep(TRY_AGAIN_S)

    async def store_reply(self, reply: CounterpartReply, *, after: int) -> None:
        await self._perform_surely(Reply(reply.text, reply.stored_label(), after=after))

    async def miss_counterpart(self) -> None:
        async with self._lock:
            if not self.is_released:
                await self._perform_if_possible(MissSeeker())

    async def give_up_reply(self) -> None:
        if self.state.counterpart is Role.SEEKER:
            await self._perform_surely(Close(CloseReason.FAILED), still=self._owes_reply)
        else:
            self.send(frames.notice("coach_unavailable"))

    def _owes_reply(self) -> bool:
        """Whether a line waits for a reply, and for one of this process."""
        return self.state.awaits_reply and self.state.process == self._around.process

    async def _after_reply(self) -> None:
        async with self._lock:
            self._go_on()

    # Time

    def _set_alarm(self) -> None:
        clock = self.state.clock
        if self._connection is None or clock is None or not clock.running or self._record.time_was_lost:
            self._alarm.stop()
            return
        moments = [self._last_clock + self._around.clock_interval_ms]
        if (moment := next_due(self.state)) is not None:
            moments.append(moment)
        self._alarm.set(moments, now=self._around.now())

    def _ring(self) -> None:
        """Do what the alarm was set for; where only the clock is to be told, without a task."""
        now = self._around.now()
        if due(self.state, now) or self._lock.locked():
            self._around.spawn(self._let_time_pass())
        else:
            self._send_clock_if_due(now)
            self._set_alarm()

    async def _let_time_pass(self) -> None:
        async with self._lock:
            if self.is_released:
                return
            await self._perform_if_possible(Tick())
            if self.state.is_open:
                self._send_clock_if_due(self._around.now())

    def _send_clock_if_due(self, now: int) -> None:
        if now - self._last_clock >= self._around.clock_interval_ms:
            self._send_clock()

    def _send_clock(self, *, at: int | None = None) -> None:
        """Tell the clock as it is now; or as it was `at` the change that is told, however long its commit took."""
        now = self._around.now()
        self._last_clock = now - now % max(1, self._around.clock_interval_ms // CLOCKS_APART)
        if self.state.clock is not None and not self._record.time_was_lost:
            self.send(frames.clock(self.state.clock, now=now if at is None else at))

    def send(self, frame: dict[str, Any]) -> None:
        """Tell the page, if one is connected."""
        if self._connection is not None:
            self._connection.send(frame)


def _clock_changed(before: Dialogue, after: Dialogue) -> bool:
    a, b = before.clock, after.clock
    return b is not None and (a is None or (a.running, a.paused_by, a.stopped) != (b.running, b.paused_by, b.stopped))
