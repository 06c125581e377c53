"""Somebody who says a line every so often and times what comes back, whatever the server's protocol."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from bench.load import Load, Measured, Seat
from bench.socket_client import SocketClient

LINE = "That sounds hard. What was it like when you came home that evening?"
LATEST_REPLY_S = 20.0
"""A reply that is not whole by then is an error."""


class Clock:
    """The driver's time, and whether the window is open."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now: Callable[[], float] = time.perf_counter  # the loop's own time goes in whole milliseconds
        self.later = loop.call_later
        self.counts = False
        self.is_ending = False


class Participant(SocketClient):
    """One participant: joins, then says a line every `period_s` (by chance a quarter more or less).

    A dialect says how: `line` makes a frame of a line, and what the server sends is told by `is_joined`, `acknowledge`,
    `hear` and `finish`.
    """

    def __init__(self, load: Load, seat: Seat, *, clock: Clock, measured: Measured, draw: random.Random) -> None:
        super().__init__(path=seat.path, token=seat.token, cookie=seat.cookie)
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.seat = seat
        self._load, self._clock, self._measured, self._draw = load, clock, measured, draw
        self._text = "".join(load.tokens)
        self._said_at = self._first_at = 0.0
        self._deltas = ""
        self._waits = False
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None

    def line(self, number: int) -> bytes:
        """The frame that says `LINE`; `number` counts this participant's lines from 1."""
        raise NotImplementedError

    def begin(self) -> None:
        """Start talking as somebody who has long been talking: the first wait is what is left of one under way.

        So the load is the same from the first second on. A wait that is met under way is a long one rather than a
        short one, in proportion to its length.
        """
        least, most = 0.75 * self._load.period_s, 1.25 * self._load.period_s
        wait_s = (least**2 + self._draw.random() * (most**2 - least**2)) ** 0.5
        self._timer = self._clock.later(self._draw.random() * wait_s, self.say)

    def leave(self) -> None:
        """Close; a reply that is still under way is an error."""
        if self._timer is not None:
            self._timer.cancel()
        if self._waits:
            self.note_error("a reply that never ended")
        self.close()

    def on_lost(self, reason: str) -> None:
        self.note_error(reason)
        self.is_joined()

    def note_error(self, what: str) -> None:
        self._measured.note_error(what)

    def is_joined(self) -> None:
        """The server knows this participant."""
        if not self.joined.done():
            self.joined.set_result(None)

    def acknowledge(self) -> None:
        """The server has said that the line is stored."""
        if self._clock.counts:
            self._measured.ack_ms.append((self._clock.now() - self._said_at) * 1000)

    def hear(self, text: str) -> None:
        """Another piece of the reply has come."""
        now, measured, heard = self._clock.now(), self._measured, self._deltas.count(" ")
        is_first = not self._deltas
        self._deltas += text
        if is_first:
            self._first_at = now
        if not self._clock.counts:
            return
        measured.tokens += text.count(" ") + is_first
        if is_first:
            measured.first_ms.append((now - self._said_at) * 1000)
        else:
            measured.late_ms.append((now - self._first_at - (heard + 1) / self._load.tokens_per_s) * 1000)

    def finish(self, text: str) -> None:
        """The server has said what the whole reply is."""
        if not self._waits:
            return
        self._waits = False
        self._measured.turns += self._clock.counts
        if text != self._text or self._deltas != self._text:
            self.note_error("another text than the model's")

    def say(self) -> None:
        """Say a line and set the next one's time; while a reply is under way, a little later instead."""
        if self._clock.is_ending:
            return
        now = self._clock.now()
        if self._waits and now - self._said_at < LATEST_REPLY_S:
            self._timer = self._clock.later(0.25, self.say)
            return
        if self._waits:
            self.note_error("no whole reply in time")
        self._number += 1
        self._measured.said += self._clock.counts
        self._waits, self._deltas, self._said_at = True, "", now
        self.send_text(self.line(self._number))
        self._timer = self._clock.later(self._load.period_s * self._draw.uniform(0.75, 1.25), self.say)
