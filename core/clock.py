"""The clock of a conversation: active time that runs only while nothing pauses it, as a value that time moves forward.

Times are milliseconds since the epoch (UTC); durations are real milliseconds, already divided by the time scale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class PauseCause(StrEnum):
    """Why a clock stands; it runs only when no cause is left (LE-12)."""

    HIDDEN = "hidden"
    DISCONNECTED = "disconnected"
    IDLE = "idle"
    SEEKER_UNAVAILABLE = "seeker_unavailable"
    REPLYING = "replying"
    SUPPORT = "support"
    """Help lines are on the screen; the next message goes on."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How much of its time a conversation has used, and whether it is using more."""

    limit_ms: int
    idle_ms: int
    used_ms: int = 0
    """Active time up to `at`."""
    at: int = 0
    quiet_from_ms: int = 0
    """Active time at which the last message of either side came."""
    started: bool = False
    stopped: bool = False
    paused_by: frozenset[PauseCause] = frozenset()

    @property
    def running(self) -> bool:
        return self.started and not self.stopped and not self.paused_by

    def used(self, now: int) -> int:
        """Active time up to `now`, never more than the limit. A `now` before the last event counts as that event."""
        passed = max(0, now - self.at) if self.running else 0
        return min(self.limit_ms, self.used_ms + passed)

    def remaining(self, now: int) -> int:
        return self.limit_ms - self.used(now)

    def until(self, now: int) -> Clock:
        """This clock with the time up to `now` on its account."""
        return replace(self, used_ms=self.used(now), at=max(now, self.at))

    def start(self, now: int) -> Clock:
        """The clock starts with the supporter's first message (LE-8); starting it again changes nothing."""
        return self if self.started else replace(self, started=True, at=now)

    def hear(self, now: int) -> Clock:
        """A message of either side came: idle time counts afresh."""
        return replace(clock := self.until(now), quiet_from_ms=clock.used_ms)

    def pause(self, cause: PauseCause, now: int) -> Clock:
        return replace(self.until(now), paused_by=self.paused_by | {cause})

    def resume(self, cause: PauseCause, now: int) -> Clock:
        return replace(self.until(now), paused_by=self.paused_by - {cause})

    def stop(self, now: int) -> Clock:
        return replace(self.until(now), stopped=True)

    def taken_up(self, now: int) -> Clock:
        """The clock after nobody has served it: the time since its last durable event is given back."""
        return replace(self, at=max(now, self.at))

    def given_back(self, ms: int, now: int) -> Clock:
        """The clock without the last `ms` of its active time: they were nobody's."""
        clock = self.until(now)
        used = max(0, clock.used_ms - ms)
        return replace(clock, used_ms=used, quiet_from_ms=min(clock.quiet_from_ms, used))

    @property
    def zero_at(self) -> int | None:
        """When the time will be over if nothing pauses it; None while it stands."""
        return self.at + self.limit_ms - self.used_ms if self.running else None

    @property
    def idle_at(self) -> int | None:
        """When the silence will have lasted too long; None while it stands."""
        return self.at + self.quiet_from_ms + self.idle_ms - self.used_ms if self.running else None
