"""The load: participants who say a line every so often, and callers of the model itself beside them.

One process of its own; it reads a `Load` as JSON from standard input and prints what it measured.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from statistics import median

import uvloop

from bench.dialects import DIALECTS
from bench.direct import Direct
from bench.load import Load, Measured, Seat, as_json, load_of
from bench.participant import Clock, Participant
from bench.processes import core_cpu_s, cpu_s, print_whole, rss_kib

JOINS_AT_ONCE = 50
JOIN_S = 60.0
PROBE_S = 0.01
LOOK_S = 0.5
TAIL_S = 1.5
"""After the window replies under way end and nothing new begins: the length of a reply, and this."""
LATE_PART = 0.01
"""With more turns than this above a line, the p99 is above it."""


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
        participants = await self._join()
        callers = [await self._caller() for _ in range(load.direct)]
        await asyncio.sleep(load.idle_s)
        measured.rss_joined_kib = rss_kib(load.server) if load.server else 0
        everybody: list[Participant | Direct] = [*participants, *callers]
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

    async def _join(self) -> list[Participant]:
        """Everybody connected and joined, some at a time, so that joining is no load of its own kind."""
        gate, joined = asyncio.Semaphore(JOINS_AT_ONCE), []
        kind = DIALECTS[self._load.dialect]

        async def join(seat: Seat) -> None:
            async with gate:
                one = kind(self._load, seat, clock=self._clock, measured=self._measured, draw=self._draw)
                try:
                    await self._loop.create_connection(lambda: one, "127.0.0.1", self._load.port)
                    await asyncio.wait_for(one.joined, JOIN_S)
                except (OSError, TimeoutError) as error:
                    self._measured.note_error(f"not joined: {type(error).__name__}")
                joined.append(one)

        await asyncio.gather(*(join(seat) for seat in self._load.seats))
        return joined

    async def _caller(self) -> Direct:
        caller = Direct(self._load, clock=self._clock, measured=self._measured, draw=self._draw)
        await self._loop.create_connection(lambda: caller, "127.0.0.1", self._load.model_port)
        return caller

    async def _window(self) -> None:
        load, measured, clock = self._load, self._measured, self._clock
        watched = [[pid] if pid else [] for pid in (load.server, load.database, os.getpid(), load.model)]
        began, before = clock.now(), [cpu_s(pids) for pids in watched] + [core_cpu_s(load.measured_cores)]
        clock.counts = True
        self._probe(due=began + PROBE_S, end=began + load.seconds)
        while (left := began + load.seconds - clock.now()) > 0:
            await asyncio.sleep(min(LOOK_S, left))
            if load.server:
                measured.rss_talking_kib = max(measured.rss_talking_kib, rss_kib(load.server))
            if self._is_lost():
                measured.was_stopped = True
                break
        clock.counts = False
        after = [cpu_s(pids) for pids in watched] + [core_cpu_s(load.measured_cores)]
        measured.seconds = clock.now() - began
        used = [late - early for early, late in zip(before, after, strict=True)]
        measured.cpu_s, measured.database_cpu_s, measured.driver_cpu_s, measured.model_cpu_s, core = used
        measured.others_cpu_s = max(0.0, core - measured.cpu_s - measured.database_cpu_s)

    def _is_lost(self) -> bool:
        """So many turns were late that the window's p99 is above `late_ms`, whatever else comes."""
        load, measured = self._load, self._measured
        if not load.late_ms or len(measured.direct_ms) < 2:
            return False
        line = load.late_ms + median(measured.direct_ms)
        late = sum(ms > line for ms in measured.first_ms)
        return late > LATE_PART * 1.1 * load.expected_turns + 1

    def _probe(self, *, due: float, end: float) -> None:
        """A timer that asks nothing but how late it is."""

        def ring() -> None:
            now = self._clock.now()
            self._measured.lag_ms.append((now - due) * 1000)
            if now < end and self._clock.counts:
                self._probe(due=now + PROBE_S, end=end)

        self._loop.call_later(due - self._clock.now(), ring)


async def _run(load: Load) -> Measured:
    return await Drive(load).run()


def main() -> None:
    load = load_of(sys.stdin.buffer.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        measured = runner.run(_run(load))
    print_whole(as_json(measured))


if __name__ == "__main__":
    main()
