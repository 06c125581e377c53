"""The search for the most chats that one core serves in time, and what makes a probe of it count."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.figures import Figures, figures
from bench.plan import FULL_S, FULL_TURNS, PERIOD_S, SCOUT_S, Plan
from bench.runs import Tell, drive
from bench.variants import Kind, Stage, awake, serving

LINE_MS = 50.0
"""The added first-token time that 99 of 100 turns must stay below."""
SCOUT_STEP, SCOUT_GAP = 1.4, 1.2
FULL_STEP, FULL_GAP = 1.07, 1.1
"""From probe to probe, and how near to one that held the fewest that failed may be for the search to end."""
GRACE_S = 120.0
MOST_CHATS = 10_000
MOST_INVALID = 6
"""Probes of one search, after which a busy machine is given up."""
AROUND_S = 25.0
"""About what a probe takes beyond its window: server, seats, warming up, last replies."""
LAG_MS, SCATTER_MS, MEASURING_BUSY = 10.0, 10.0, 0.9
"""Driver's timers late (p99), the direct call's scatter (p95), and the measuring cores in use: above these a probe is
no measurement of the server."""
OTHERS_BUSY = 0.08
"""Others on the measured core: above this a server that fails was not alone. One that holds nevertheless, holds."""
DELIVERED, FEW = 0.9, 5
"""Of the lines of a load, what must have been said, and what may be missing by chance."""


class Verdict(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    INVALID = "invalid"
    """Driver, model or a neighbour was too busy to tell, so it counts neither way."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One try, on a fresh server."""

    chats: int
    verdict: Verdict
    is_full: bool
    """Long enough to count; the others only show where to look."""
    figures: Figures
    reason: str = ""
    """Of a failed or invalid probe."""


def verdict_of(found: Figures, *, expected_turns: float) -> tuple[Verdict, str]:
    """What the figures of one load say, and why; the instruments are looked at first."""
    if reason := _unsound(found, expected_turns=expected_turns):
        return Verdict.INVALID, reason
    if found.errors:
        reason = ", ".join(f"{what}: {count}" for what, count in found.errors.items())
    elif found.added.p99 is None or found.added.p99 >= LINE_MS:
        reason = "p99" + (" (stopped early)" if found.was_stopped else "")
    else:
        return Verdict.HOLDS, ""
    if found.others_busy > OTHERS_BUSY:
        return Verdict.INVALID, f"{reason}, and others used {found.others_busy:.0%} of the measured core"
    return Verdict.FAILS, reason


def _unsound(found: Figures, *, expected_turns: float) -> str:
    """What was wrong with the instruments; nothing when they were sound."""
    for value, most, what in (
        (found.lag.p99, LAG_MS, "the driver's timers were {:.0f} ms late (p99)"),
        (found.direct.p95, SCATTER_MS, "the direct call scattered by {:.0f} ms (p95)"),
        (found.measuring_busy, MEASURING_BUSY, "driver and model used {:.0%} of their core"),
    ):
        if value is not None and value > most:
            return what.format(value)
    if not found.was_stopped and found.said < DELIVERED * expected_turns - FEW:
        return f"only {found.said} of {expected_turns:.0f} lines were said"
    return ""


def window_s(chats: int, *, seconds: float = FULL_S, turns: int = FULL_TURNS) -> float:
    """A window of at least `seconds` in which at least `turns` are to be expected."""
    return max(seconds, 1.05 * turns * PERIOD_S / chats)


def probe(stage: Stage, kind: Kind, chats: int, *, seconds: float, is_full: bool, name: str) -> Probe:
    """One load on a fresh server. It ends early once its p99 can no longer be below the line."""
    with serving(stage, (kind,), name=name) as [variant], awake(variant):
        seats = variant.take_seats(chats)
        measured = drive(stage, variant, seats, seconds=seconds, period_s=PERIOD_S, warm_s=4.0, stop_above_ms=LINE_MS)
    found = figures([measured], measuring_cores=len(stage.cores.measuring))
    verdict, reason = verdict_of(found, expected_turns=chats * seconds / PERIOD_S)
    return Probe(chats, verdict, is_full, found, reason)


@dataclass
class Search:
    """Scouts with short probes until the answer is between two of them, then steps with full ones.

    `try_chats(chats, is_full)` makes a probe. Full probes step up while they hold and down, ever further, while they
    fail, so the answer is the last that held; they end when the next step has failed, or when the time is up and one
    has held. After `MOST_INVALID` invalid probes the search ends where it is.
    """

    try_chats: Callable[[int, bool], Probe]
    start: int
    deadline: float = float("inf")
    """Of `time.monotonic`; passed by at most `GRACE_S` and a probe, and only when nothing has held yet."""
    full_s: float = FULL_S
    full_turns: int = FULL_TURNS
    scouts: bool = True
    """Without it, the search begins with a full probe at `start`."""
    _invalid: int = 0

    def run(self) -> None:
        """Make the probes."""
        chats = self._scout() if self.scouts else self.start
        held, failed, down = 0, MOST_CHATS + 1, FULL_STEP
        while held < chats < failed and failed > FULL_GAP * held and self._may_try(chats, any_held=held > 0):
            if self._holds(chats, is_full=True):
                held, chats = chats, _step(chats, FULL_STEP)
            else:
                failed, chats = chats, _step(chats, 1 / down)
                down *= FULL_STEP

    def _scout(self) -> int:
        """The most chats that a short probe held, with one that failed not far above it; 0 when none held."""
        low, high, chats = 0, MOST_CHATS + 1, self.start
        while low < chats < high and self._may_try(chats, any_held=low > 0, then_s=SCOUT_S + AROUND_S):
            if self._holds(chats, is_full=False):
                low = chats
            else:
                high = chats
            if not low:
                chats = _step(chats, 1 / SCOUT_STEP)
            elif high > MOST_CHATS:
                chats = min(_step(chats, SCOUT_STEP), MOST_CHATS)
            elif high > SCOUT_GAP * low:
                chats = (low + high) // 2
            else:
                break
        return low

    def _holds(self, chats: int, *, is_full: bool) -> bool:
        """What a probe says; one more is made where the instruments failed, since a neighbour's noise passes."""
        for _ in range(2):
            verdict = self.try_chats(chats, is_full).verdict
            if verdict is not Verdict.INVALID:
                break
            self._invalid += 1
        return verdict is Verdict.HOLDS

    def _may_try(self, chats: int, *, any_held: bool, then_s: float = 0.0) -> bool:
        """Not given up, and there is time: once something has held, for `then_s` and a full probe after it."""
        full_s = window_s(chats, seconds=self.full_s, turns=self.full_turns)
        wanted_s = then_s + full_s + AROUND_S if any_held else -GRACE_S
        return self._invalid < MOST_INVALID and time.monotonic() + wanted_s <= self.deadline


def _step(chats: int, factor: float) -> int:
    """Another number in this proportion; 0 when there is none below."""
    stepped = round(chats * factor)
    return stepped if stepped != chats else chats + (1 if factor > 1 else -1)


def search_capacity(
    stage: Stage, kind: Kind, plan: Plan, tell: Tell, *, start: int, budget_s: float, into: list[Probe]
) -> None:
    """Search for one variant; every probe is told and put `into` the list as it is made."""

    def try_chats(chats: int, is_full: bool) -> Probe:
        least_s, turns = (plan.full_s, plan.full_turns) if is_full else (plan.scout_s, plan.scout_turns)
        seconds = window_s(chats, seconds=least_s, turns=turns)
        made = probe(stage, kind, chats, seconds=seconds, is_full=is_full, name=f"capacity_{len(into)}_")
        into.append(made)
        tell(_told(kind, made))
        return made

    deadline = time.monotonic() + budget_s
    Search(try_chats, start, deadline, full_s=plan.full_s, full_turns=plan.full_turns, scouts=plan.scouts).run()


@dataclass(frozen=True, slots=True)
class Capacity:
    """The answer of a search."""

    chats: int
    """The most that held over a full window; 0 when none did."""
    failed_at: int | None
    """The fewest above it that failed, over a full window or a short one; None when none did: `chats` is a least."""
    probe: Probe | None
    """The one that held."""


def capacity_of(probes: Sequence[Probe]) -> Capacity:
    """What the probes say; invalid ones say nothing."""
    held = max((one for one in probes if one.is_full and one.verdict is Verdict.HOLDS), key=_chats, default=None)
    chats = held.chats if held else 0
    failed = [one.chats for one in probes if one.verdict is Verdict.FAILS and one.chats > chats]
    return Capacity(chats, min(failed, default=None), held)


def _chats(one: Probe) -> int:
    return one.chats


def _told(kind: Kind, made: Probe) -> str:
    p99 = "nothing" if made.figures.added.p99 is None else f"{made.figures.added.p99:.0f} ms"
    length = "full" if made.is_full else "short"
    why = f" ({made.reason})" if made.reason else ""
    return (
        f"capacity, {kind}: {made.chats} chats, {length}, p99 {p99}, core {made.figures.core_busy:.0%} busy, "
        f"measuring {made.figures.measuring_busy:.0%}: {made.verdict}{why}"
    )
