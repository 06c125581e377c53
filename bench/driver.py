"""The load: participants who say a line every so often, and callers of the model itself beside them.

One process of its own; it reads a `Load` as JSON from standard input and prints what it measured.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import cast

import orjson
import uvloop

from bench.processes import cpu_s, print_whole, rss_kib
from bench.socket_client import SocketClient

LINE = "That sounds hard. What was it like when you came home that evening?"
JOINS_AT_ONCE = 50
JOIN_S = 60.0
LATEST_REPLY_S = 20.0
"""A reply that is not whole by then is an error."""
PROBE_S = 0.01
TAIL_S = 1.5
"""After the window replies under way end and nothing new begins: the length of a reply, and this."""
REQUEST = orjson.dumps(
    {"model": "fake", "stream": True, "messages": [{"role": "user", "content": LINE}]},
)


@dataclass(frozen=True, slots=True)
class Seat:
    """A place to talk from: what opens a dialogue. The floor asks for neither."""

    token: str = ""
    dialogue: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be done to one server."""

    port: int
    model_port: int
    seats: Sequence[Seat]
    tokens: Sequence[str]
    """Of the reply that everybody gets, so that what arrives can be checked."""
    tokens_per_s: float
    period_s: float
    seconds: float
    """Of the window in which things count."""
    warm_s: float = 3.0
    idle_s: float = 0.0
    """How long everybody is connected and silent before they begin."""
    direct: int = 10
    """Callers of the model itself."""
    direct_period_s: float = 2.0
    server: int = 0
    """The process whose processor time and memory count."""
    database: int = 0
    """The database's first process, where it has any."""
    seed: int = 1


@dataclass
class Measured:
    """What came of a load. Times in milliseconds, one number for each turn, delta or call within the window."""

    seconds: float = 0.0
    turns: int = 0
    tokens: int = 0
    first_ms: list[float] = field(default_factory=list)
    """From `say` to the first delta."""
    ack_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    """How much later a delta came than the model's pace says, counted from the reply's first."""
    direct_ms: list[float] = field(default_factory=list)
    """From asking the model itself to its first token."""
    lag_ms: list[float] = field(default_factory=list)
    """How late this process's own timers were: its share in all the times above."""
    errors: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0
    database_cpu_s: float = 0.0
    rss_before_kib: int = 0
    rss_joined_kib: int = 0
    rss_talking_kib: int = 0
    """The most that was seen within the window."""

    def note_error(self, what: str) -> None:
        self.errors[what] = self.errors.get(what, 0) + 1


class Clock:
    """The driver's time, and whether the window is open."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now: Callable[[], float] = time.perf_counter  # the loop's own time goes in whole milliseconds
        self.later = loop.call_later
        self.counts = False
        self.is_ending = False


class Talk(SocketClient):
    """One participant: joins, then says a line every `period_s` (by chance a quarter more or less)."""

    def __init__(self, load: Load, seat: Seat, *, clock: Clock, measured: Measured, draw: random.Random) -> None:
        super().__init__(token=seat.token)
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load, self._seat, self._clock, self._measured, self._draw = load, seat, clock, measured, draw
        self._text = "".join(load.tokens)
        self._said_at = self._first_at = 0.0
        self._deltas = ""
        self._waits = False
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Start talking at a random moment of the first period."""
        self._timer = self._clock.later(self._draw.uniform(0, self._load.period_s), self._say)

    def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._waits:
            self._measured.note_error("a reply that never ended")
        self.close()

    def on_open(self) -> None:
        self.send_text(orjson.dumps({"type": "join", "dialogue": self._seat.dialogue, "after_seq": 0}))

    def on_lost(self, reason: str) -> None:
        self._measured.note_error(reason)
        if not self.joined.done():
            self.joined.set_result(None)

    def on_text(self, payload: bytes) -> None:
        now = self._clock.now()
        frame = orjson.loads(payload)
        match frame["type"]:
            case "delta":
                self._hear(frame["text"], now)
            case "message":
                self._finish(frame["text"])
            case "ack":
                if self._clock.counts:
                    self._measured.ack_ms.append((now - self._said_at) * 1000)
            case "state":
                if not self.joined.done():
                    self.joined.set_result(None)
            case "error" | "closed" | "notice":
                self._measured.note_error(f"{frame['type']}: {frame.get('code') or frame.get('reason')}")

    def _say(self) -> None:
        if self._clock.is_ending:
            return
        now = self._clock.now()
        if self._waits and now - self._said_at < LATEST_REPLY_S:
            self._timer = self._clock.later(0.25, self._say)
            return
        if self._waits:
            self._measured.note_error("no whole reply in time")
        self._number += 1
        self._waits, self._deltas, self._said_at = True, "", now
        self.send_text(orjson.dumps({"type": "say", "client_id": f"{id(self)}-{now}-{self._number}", "text": LINE}))
        self._timer = self._clock.later(self._load.period_s * self._draw.uniform(0.75, 1.25), self._say)

    def _hear(self, text: str, now: float) -> None:
        measured, heard = self._measured, self._deltas.count(" ")
        is_first = not self._deltas
        self._deltas += text
        if not self._clock.counts:
            self._first_at = now if is_first else self._first_at
            return
        measured.tokens += text.count(" ") + is_first
        if is_first:
            self._first_at = now
            measured.first_ms.append((now - self._said_at) * 1000)
        else:
            measured.late_ms.append((now - self._first_at - (heard + 1) / self._load.tokens_per_s) * 1000)

    def _finish(self, text: str) -> None:
        if not self._waits:
            return
        self._waits = False
        self._measured.turns += self._clock.counts
        if text != self._text or self._deltas != self._text:
            self._measured.note_error("another text than the model's")


class Direct(asyncio.Protocol):
    """One caller of the model itself, for the first-token time that nothing stands in front of."""

    def __init__(self, load: Load, *, clock: Clock, measured: Measured, draw: random.Random) -> None:
        self._load, self._clock, self._measured, self._draw = load, clock, measured, draw
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._asked_at: float | None = None
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(REQUEST)}\r\n\r\n"
        self._request = head.encode() + REQUEST

    def begin(self) -> None:
        self._timer = self._clock.later(self._draw.uniform(0, self._load.direct_period_s), self._ask)

    def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._asked_at is not None and b'"content"' in data:
            if self._clock.counts:
                self._measured.direct_ms.append((self._clock.now() - self._asked_at) * 1000)
            self._asked_at = None
        if b"[DONE]" in data and not self._clock.is_ending:
            self._timer = self._clock.later(self._load.direct_period_s * self._draw.uniform(0.5, 1.0), self._ask)

    def _ask(self) -> None:
        if self._transport is not None and not self._clock.is_ending:
            self._asked_at = self._clock.now()
            self._transport.write(self._request)


class Drive:
    """One load from the first connection to the last."""

    def __init__(self, load: Load) -> None:
        loop = asyncio.get_running_loop()
        self._load = load
        self._clock = Clock(loop)
        self._measured = Measured()
        self._draw = random.Random(load.seed)
        self._loop = loop

    async def run(self) -> Measured:
        """Join, be silent for a while, talk, and measure within the window."""
        load, measured = self._load, self._measured
        measured.rss_before_kib = rss_kib(load.server) if load.server else 0
        talks = await self._join()
        callers = [await self._caller() for _ in range(load.direct)]
        await asyncio.sleep(load.idle_s)
        measured.rss_joined_kib = rss_kib(load.server) if load.server else 0
        everybody: list[Talk | Direct] = [*talks, *callers]
        for one in everybody:
            one.begin()
        await asyncio.sleep(load.warm_s)
        await self._window()
        self._clock.is_ending = True
        await asyncio.sleep(len(load.tokens) / load.tokens_per_s + TAIL_S)
        for one in everybody:
            one.leave()
        await asyncio.sleep(0.2)
        return measured

    async def _join(self) -> list[Talk]:
        """Everybody connected and joined, some at a time, so that joining is no load of its own kind."""
        gate, talks = asyncio.Semaphore(JOINS_AT_ONCE), []

        async def join(seat: Seat) -> None:
            async with gate:
                talk = Talk(self._load, seat, clock=self._clock, measured=self._measured, draw=self._draw)
                try:
                    await self._loop.create_connection(lambda: talk, "127.0.0.1", self._load.port)
                    await asyncio.wait_for(talk.joined, JOIN_S)
                except (OSError, TimeoutError) as error:
                    self._measured.note_error(f"not joined: {type(error).__name__}")
                talks.append(talk)

        await asyncio.gather(*(join(seat) for seat in self._load.seats))
        return talks

    async def _caller(self) -> Direct:
        caller = Direct(self._load, clock=self._clock, measured=self._measured, draw=self._draw)
        await self._loop.create_connection(lambda: caller, "127.0.0.1", self._load.model_port)
        return caller

    async def _window(self) -> None:
        load, measured = self._load, self._measured
        watched = [pid for pid in (load.server,) if pid], [pid for pid in (load.database,) if pid]
        began, before = self._clock.now(), [cpu_s(pids) for pids in watched]
        self._clock.counts = True
        self._probe(due=began + PROBE_S, end=began + load.seconds)
        while (left := began + load.seconds - self._clock.now()) > 0:
            await asyncio.sleep(min(0.5, left))
            if load.server:
                measured.rss_talking_kib = max(measured.rss_talking_kib, rss_kib(load.server))
        self._clock.counts = False
        after = [cpu_s(pids) for pids in watched]
        measured.seconds = self._clock.now() - began
        measured.cpu_s, measured.database_cpu_s = after[0] - before[0], after[1] - before[1]

    def _probe(self, *, due: float, end: float) -> None:
        """A timer that asks nothing but how late it is."""

        def ring() -> None:
            now = self._clock.now()
            self._measured.lag_ms.append((now - due) * 1000)
            if now < end:
                self._probe(due=now + PROBE_S, end=end)

        self._loop.call_later(due - self._clock.now(), ring)


def measured_of(raw: bytes) -> Measured:
    """What `as_json` wrote."""
    return Measured(**orjson.loads(raw))


def load_of(raw: bytes) -> Load:
    """A load as `as_json` wrote it."""
    fields = orjson.loads(raw)
    return Load(**{**fields, "seats": [Seat(**seat) for seat in fields["seats"]]})


def as_json(measured: Load | Measured) -> bytes:
    return orjson.dumps(asdict(measured))


async def _run(load: Load) -> Measured:
    return await Drive(load).run()


def main() -> None:
    load = load_of(sys.stdin.buffer.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        measured = runner.run(_run(load))
    print_whole(as_json(measured))


if __name__ == "__main__":
    main()
