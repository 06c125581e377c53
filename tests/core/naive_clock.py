"""A second clock, written otherwise than the program's: it keeps the whole history and reckons everything from it anew.

It accumulates nothing: active time is the length of what is left of the time since the first line when every pause, and
every stretch that a crash took back, is cut out.
"""

from __future__ import annotations

from bisect import bisect_left
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise

LONG_AGO, NEVER = -(10**15), 10**15
SUPPORTER, COUNTERPART = "supporter", "counterpart"


@dataclass
class Stretch:
    """A pause from its first millisecond up to the one that is no longer in it."""

    cause: str
    since: int
    until: int = NEVER

    def holds(self, moment: int) -> bool:
        return self.since <= moment < self.until


@dataclass
class NaiveClock:
    """Everything that has happened to a conversation, and what follows from it at any moment."""

    limit: int
    idle: int
    reply_time_counts: bool
    last: int
    """When something was last written down."""
    started: int = NEVER
    closed: int = NEVER
    reason: str | None = None
    stretches: list[Stretch] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    idle_moments: list[int] = field(default_factory=list)
    connection: str | None = None

    def active(self, moment: int) -> int:
        """Milliseconds of active time before `moment`."""
        end = min(moment, self.closed)
        if end <= self.started:
            return 0
        edges = {edge for s in self.stretches for edge in (s.since, s.until) if self.started < edge < end}
        cuts = sorted(edges | {self.started, end})
        return sum(b - a for a, b in pairwise(cuts) if not any(s.holds(a) for s in self.stretches))

    def remaining(self, moment: int) -> int:
        return self.limit - self.active(moment)

    def causes(self, moment: int) -> set[str]:
        return {s.cause for s in self.stretches if s.holds(moment)} - {"lost"}

    def is_running(self, moment: int) -> bool:
        return self.started <= moment < self.closed and not self.causes(moment)

    @property
    def is_open(self) -> bool:
        return self.closed == NEVER

    @property
    def is_supporters_turn(self) -> bool:
        return bool(self.said) and self.said[-1][1] == COUNTERPART

    def as_of(self, now: int) -> NaiveClock:
        """What will have happened by `now` if nobody does anything."""
        later = deepcopy(self)
        later.pass_until(now)
        return later

    def pass_until(self, now: int) -> None:
        """Write down what time alone brings: at most one idle pause, or the end."""
        zero = self._first(self.limit, now)
        silent = NEVER
        if self.is_open and self.is_supporters_turn and "idle" not in self.causes(self.last):
            silent = self._first(self.active(self.said[-1][0]) + self.idle, now)
        if self.is_open and zero < NEVER and zero <= silent:
            self.close("time", zero)
        elif silent < NEVER:
            self.idle_moments.append(silent)
            self.begin("idle", silent)

    def _first(self, level: int, now: int) -> int:
        """The first moment up to `now` at which the active time has reached `level`; NEVER if it has not."""
        moments = range(self.last, now + 1)
        found = bisect_left(moments, level, key=self.active)
        return moments[found] if found < len(moments) else NEVER

    # What people and processes do

    def say(self, now: int, *, in_distress: bool) -> None:
        self.said.append((now, SUPPORTER))
        self.started = min(self.started, now)
        self.finish(now, "hidden", "idle", "support")
        if not self.reply_time_counts:
            self.begin("replying", now)
        if in_distress:
            self.begin("support", now)
        self.last = now

    def reply(self, now: int) -> None:
        if not self.is_supporters_turn:
            self.said.append((now, COUNTERPART))
            self.finish(now, "replying", "seeker_unavailable")
            self.last = now

    def join(self, connection: str, now: int) -> None:
        self.connection = connection
        self.finish(now, "disconnected", "hidden")
        self.last = now

    def leave(self, connection: str, now: int) -> None:
        if connection == self.connection:
            self.begin("disconnected", now)

    def fall_silent(self, connection: str, now: int, *, since: int) -> None:
        """Nothing was heard since then, so that time is nobody's; a connection that had gone already tells nothing."""
        if connection == self.connection and "disconnected" not in self.causes(now):
            self.stretches.append(Stretch("lost", since, now))
        self.leave(connection, now)

    def miss_seeker(self, now: int) -> None:
        if not self.is_supporters_turn:
            self.begin("seeker_unavailable", now)

    def beat(self, now: int) -> None:
        if self.is_running(now):
            self.last = now

    def crash(self, connection: str, now: int) -> None:
        """Nothing that came after the last thing written down has happened."""
        self.take_up(now)
        self.join(connection, now)

    def take_up(self, now: int) -> None:
        """Nobody could write anything down since the last time; a clock that stood has lost nothing."""
        if self.is_running(self.last):
            self.stretches.append(Stretch("lost", self.last, now))
            self.last = now

    def close(self, reason: str, now: int) -> None:
        self.closed, self.reason, self.last = now, reason, now

    def begin(self, cause: str, now: int) -> None:
        if cause not in self.causes(now):
            self.stretches.append(Stretch(cause, now))
            self.last = now

    def finish(self, now: int, *causes: str) -> None:
        for stretch in self.stretches:
            if stretch.cause in causes and stretch.until == NEVER:
                stretch.until = self.last = now
