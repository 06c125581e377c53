"""The clock of a conversation: when it starts, and how hiding and idleness make it stand, alone and together."""

from __future__ import annotations

from itertools import product

import pytest
from talking import Talk, under_way

from core.clock import PauseCause
from core.dialogue import Hide, Join, KeepAlive, Leave, MissSeeker, Reply, Show, Tick
from core.events import CloseReason, Paused

# Start


def test_clock_waits_for_the_first_line() -> None:
    """Ten minutes with the opener on the screen cost nothing; five seconds after the first line cost five (LE-8)."""
    talk = Talk()
    talk.do(Join("page"))
    talk.wait(600)
    assert (talk.remaining_s, talk.is_running, talk.paused_by) == (240.0, False, set())

    talk.say()
    talk.wait(5)

    assert (talk.remaining_s, talk.is_running) == (235.0, True)


def test_nobody_is_idle_before_the_first_line() -> None:
    """The idle time begins to count with the clock, so that whoever reads the opener slowly is not told off (C-20)."""
    talk = Talk()
    talk.wait(600)

    assert "paused" not in talk.kinds


def test_hiding_before_the_first_line_costs_nothing() -> None:
    """Out of sight and back before the start; the first line then starts a full clock."""
    talk = Talk()
    talk.do(Hide())
    talk.wait(90)
    talk.do(Show())
    talk.say()

    assert (talk.remaining_s, talk.is_running) == (240.0, True)


def test_first_line_from_a_hidden_page_starts_the_clock() -> None:
    """Who writes is there, whatever the page said last."""
    talk = Talk()
    talk.do(Hide())
    talk.say()

    assert (talk.is_running, talk.paused_by) == (True, set())


# Hiding


def test_time_out_of_sight_does_not_count() -> None:
    """Hidden at 100 s left, back after 90 s: 100 s are still left (LE-9)."""
    talk = under_way(used_s=140)
    talk.do(Hide())
    talk.wait(90)
    assert (talk.remaining_s, talk.paused_by) == (100.0, {"hidden"})

    talk.do(Show())

    assert (talk.remaining_s, talk.is_running) == (100.0, True)
    talk.wait(1)
    assert talk.remaining_s == 99.0


def test_hiding_twice_is_hiding_once() -> None:
    """Browsers repeat themselves; the log does not."""
    talk = under_way()

    assert len(talk.do(Hide())) == 1
    assert talk.do(Hide()) == ()
    assert len(talk.do(Show())) == 1
    assert talk.do(Show()) == ()


def test_line_from_a_hidden_page_ends_the_pause() -> None:
    """A sent message shows that somebody is there."""
    talk = under_way()
    talk.do(Hide())
    talk.say()

    assert (talk.is_running, talk.paused_by) == (True, set())


def test_idle_time_stands_while_hidden() -> None:
    """40 s of silence, an hour out of sight and 19 s more are 59 s of silence (C-20)."""
    talk = under_way()
    talk.wait(40)
    talk.do(Hide())
    talk.wait(3_600)
    talk.do(Show())
    talk.wait(19.999)
    assert talk.is_running

    talk.wait(0.001)

    assert talk.paused_by == {"idle"}


# Idleness


def test_a_minute_of_silence_stops_the_clock_once() -> None:
    """Running after 59 s, standing after 61 s, with exactly one event to tell of it, at 60 s sharp (LE-10)."""
    talk = under_way()
    heard_at = talk.now
    talk.wait(59)
    assert talk.is_running

    talk.wait(2)
    talk.wait(600)

    assert (talk.remaining_s, talk.paused_by) == (180.0, {"idle"})
    idle = [entry for entry in talk.log if entry.event == Paused(PauseCause.IDLE)]
    assert [entry.at - heard_at for entry in idle] == [60_000]


def test_late_alarm_changes_nothing() -> None:
    """What was due is written down for the moment it was due, however late somebody looks."""
    prompt, late = under_way(), under_way()
    for _ in range(400):
        prompt.wait(1)
    late.wait(400)

    assert late.log == prompt.log
    assert late.remaining_s == prompt.remaining_s == 180.0


@pytest.mark.parametrize(
    "deed",
    [Show(), Hide(), Tick(), KeepAlive(), MissSeeker(), Leave("page"), Join("another page"), Reply("Still there?")],
    ids=lambda deed: type(deed).__name__,
)
def test_only_a_line_ends_the_idle_pause(deed: object) -> None:
    """Coming back, looking away, joining again: all leave it standing; a sent message lets it go on (LE-11)."""
    talk = under_way()
    talk.wait(100)
    talk.do(deed)  # type: ignore[arg-type]
    talk.wait(100)
    assert "idle" in talk.paused_by
    assert talk.remaining_s == 180.0

    talk.do(Join("page again"))
    talk.say()

    assert (talk.remaining_s, talk.is_running) == (180.0, True)


def test_idle_time_counts_afresh_after_a_line() -> None:
    """After the idle pause there is again a full minute, counted from the reply."""
    talk = under_way()
    talk.wait(61)
    talk.say()
    talk.wait(10)
    talk.do(Reply("I see."))
    talk.wait(59.999)
    assert talk.is_running

    talk.wait(0.001)

    assert (talk.paused_by, talk.remaining_s) == ({"idle"}, 110.0)


def test_waiting_for_the_reply_is_not_idleness() -> None:
    """While the seeker writes, only the clock itself runs (C-20)."""
    talk = Talk()
    talk.say()
    talk.wait(200)

    assert (talk.remaining_s, talk.is_running) == (40.0, True)


def test_time_wins_over_idleness_at_the_same_moment() -> None:
    """A minute of silence that ends with the last second closes the conversation and does not pause it."""
    talk = under_way(used_s=180)
    talk.wait(60)

    assert talk.state.closed is CloseReason.TIME
    assert Paused(PauseCause.IDLE) not in [entry.event for entry in talk.log]


# Pauses together


@pytest.mark.parametrize(("is_hidden", "is_idle"), [*product([False, True], repeat=2)])
def test_two_pauses_combine(is_hidden: bool, is_idle: bool) -> None:
    """The clock runs when no cause is left: coming back ends `hidden` alone, a line ends both (LE-12)."""
    talk = under_way()
    talk.wait(61 if is_idle else 30)
    if is_hidden:
        talk.do(Hide())
    left = talk.remaining_s
    assert ("hidden" in talk.paused_by, "idle" in talk.paused_by) == (is_hidden, is_idle)
    assert talk.is_running is not (is_hidden or is_idle)

    talk.do(Show())
    assert talk.is_running is not is_idle

    talk.say()
    assert (talk.is_running, talk.remaining_s) == (True, left)


@pytest.mark.parametrize("comes_back_first", [True, False])
def test_hiding_during_the_idle_pause_leaves_it_idle(comes_back_first: bool) -> None:
    """Away and back again, or joined anew on another page: idle as before (LE-12)."""
    talk = under_way()
    talk.wait(61)
    talk.do(Hide())
    talk.wait(60)
    talk.do(Show() if comes_back_first else Join("another page"))

    assert talk.paused_by == {"idle"}
