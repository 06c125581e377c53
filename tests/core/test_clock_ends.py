"""The clock through lost connections, crashes, slow replies and distress, and how its time ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talking import COACHING, CONVERSATION, MIDNIGHT, Talk, under_way

from core.clock import PauseCause
from core.dialogue import (
    Close,
    Hide,
    Join,
    KeepAlive,
    Leave,
    MissSeeker,
    Open,
    Reply,
    Say,
    Show,
    TakeUp,
    Tick,
    due,
    fold,
    next_due,
)
from core.events import Beat, Closed, CloseReason, Entry, Paused, Said, TakenUp
from core.transcript import Role

# Connections


def test_absence_costs_no_time() -> None:
    """The connection is lost for an hour: transcript and remaining time are the same on return (LE-15)."""
    talk = under_way(used_s=30)
    told, left = talk.state.transcript, talk.remaining_s
    talk.do(Leave("page"))
    talk.wait(3_600)
    assert (talk.paused_by, talk.remaining_s) == ({"disconnected"}, left)

    talk.do(Join("page again"))

    assert (talk.is_running, talk.remaining_s, talk.state.transcript) == (True, left, told)


def test_takeover_is_no_pause() -> None:
    """A second page takes over; the farewell of the first stops nothing."""
    talk = under_way()
    talk.do(Join("second page"))
    assert talk.do(Leave("page")) == ()
    talk.wait(10)

    assert (talk.is_running, talk.remaining_s) == (True, 230.0)


def test_join_clears_absence_and_hiding() -> None:
    """Whoever joins is there and in sight; a hidden page says so again."""
    talk = under_way()
    talk.do(Hide())
    talk.do(Leave("page"))
    assert talk.paused_by == {"hidden", "disconnected"}

    talk.do(Join("page again"))

    assert talk.paused_by == set()


def test_crash_gives_back_at_most_a_beat() -> None:
    """The clock goes on from the last sign of life: what came after it is given back, and nothing is taken."""
    talk = under_way()
    for _ in range(6):
        talk.wait(5)
        talk.do(KeepAlive())
    talk.wait(4.999)
    shown = talk.remaining_s
    talk.now += 86_400_000
    talk.state = fold(talk.log)

    entries = talk.rejoin("page again")

    assert isinstance(entries[0].event, TakenUp)
    assert (talk.remaining_s, talk.is_running) == (210.0, True)
    assert 0 <= talk.remaining_s - shown <= 5


@pytest.mark.parametrize("deed", ["say", "reply", "beat", "hide and show", "join"])
def test_whatever_is_written_down_is_a_sign_of_life(deed: str) -> None:
    """A crash gives back the time since the last entry of the log, not since the last beat."""
    talk = under_way()
    talk.wait(10)
    if deed == "reply":
        talk.say()
        talk.wait(10)
    for command in {
        "say": [Say(client_id="z", text="And then?")],
        "reply": [Reply("Then …")],
        "beat": [KeepAlive()],
        "hide and show": [Hide(), Show()],
        "join": [Join("second page")],
    }[deed]:
        talk.do(command)
    left = talk.remaining_s
    talk.wait(3)
    talk.state = fold(talk.log)
    talk.rejoin("page again")

    assert talk.remaining_s == left


def test_crash_while_the_clock_stood_gives_nothing_back() -> None:
    """Nothing was running: nothing is taken up, and nothing is given back."""
    talk = under_way()
    talk.wait(20)
    talk.do(Hide())
    talk.now += 60_000
    entries = talk.rejoin("page again")

    assert [entry.event.kind for entry in entries] == ["joined", "resumed"]
    assert talk.remaining_s == 220.0


def test_time_that_nobody_served_is_given_back() -> None:
    """Storage was away for a minute: the clock goes on from its last entry, and a standing one is left alone."""
    talk = under_way()
    talk.wait(10)
    talk.do(KeepAlive())
    talk.now += 60_000
    assert [entry.event for entry in talk.do(TakeUp(), settle=False)] == [TakenUp()]
    assert (talk.remaining_s, talk.is_running) == (230.0, True)

    talk.do(Hide())
    assert talk.do(TakeUp()) == ()
    assert Talk().do(TakeUp()) == ()
    assert Talk(COACHING).do(TakeUp()) == ()


def test_signs_of_life_are_written_only_while_the_clock_runs() -> None:
    """A standing clock needs none, and its log stays short."""
    talk = under_way()
    assert [entry.event for entry in talk.do(KeepAlive())] == [Beat()]

    talk.do(Hide())

    assert talk.do(KeepAlive()) == ()
    assert Talk().do(KeepAlive()) == ()
    assert Talk(COACHING).do(KeepAlive()) == ()


# The seeker's time


def test_reply_time_counts_by_default() -> None:
    """The paper is silent; by default the seeker's writing runs on the clock (C-20)."""
    talk = Talk()
    talk.say()
    talk.wait(7)
    talk.do(Reply("Well …"))

    assert talk.remaining_s == 233.0


def test_reply_time_can_be_free() -> None:
    """With the other setting the clock stands from the line to the reply (C-20)."""
    talk = Talk(replace(CONVERSATION, reply_time_counts=False))
    talk.say()
    assert talk.paused_by == {"replying"}
    talk.wait(30)
    talk.do(Reply("Well …"))
    assert (talk.is_running, talk.remaining_s) == (True, 240.0)
    talk.wait(10)

    assert talk.remaining_s == 230.0


@pytest.mark.parametrize("counts", [True, False])
def test_failing_model_costs_no_time(counts: bool) -> None:
    """Once the model is known to fail the clock stands, until the reply has come after all."""
    talk = Talk(replace(CONVERSATION, reply_time_counts=counts))
    talk.say()
    talk.do(MissSeeker())
    talk.wait(300)
    assert "seeker_unavailable" in talk.paused_by
    assert talk.remaining_s == 240.0

    talk.do(Reply("Sorry, I was lost in thought."))

    assert (talk.is_running, talk.paused_by) == (True, set())


def test_delay_announced_after_the_reply_stops_nothing() -> None:
    """Reply and alarm cross: the reply is there, so nobody could ever let the clock go on again."""
    talk = under_way()

    assert talk.do(MissSeeker()) == ()
    assert talk.is_running


# Distress


def test_words_of_self_harm_stop_the_clock_until_the_next_line() -> None:
    """The line is stored, the desk is told which, and nothing but a line of the supporter starts the clock again."""
    talk = under_way()
    talk.say("I want to die.", in_distress=True)
    said, alerted, paused = talk.log[-3:]
    assert isinstance(said.event, Said) and said.event.text == "I want to die."
    assert (alerted.event.kind, alerted.event.seq) == ("alerted", said.seq)  # type: ignore[union-attr]
    assert paused.event == Paused(PauseCause.SUPPORT)

    talk.do(Reply("That scares me."))
    talk.do(Hide())
    talk.do(Show())
    talk.wait(1_000)
    assert (talk.paused_by, talk.remaining_s) == ({"support"}, 240.0)

    talk.say("I am all right, thank you.")
    assert talk.is_running


def test_second_line_in_distress_keeps_the_clock_standing() -> None:
    """Each such line alerts; the pause is not lost between the two."""
    talk = under_way()
    talk.say("I want to die.", in_distress=True)
    talk.do(Reply("That scares me."))
    talk.say("I mean it.", in_distress=True)

    assert talk.kinds.count("alerted") == 2
    assert talk.paused_by == {"support"}


def test_first_line_in_distress_does_not_run() -> None:
    """The clock starts and stands in the same instant."""
    talk = Talk()
    talk.say("I want to die.", in_distress=True)
    talk.wait(120)

    assert (talk.is_running, talk.remaining_s) == (False, 240.0)


# The end


def test_conversation_closes_when_its_time_is_used() -> None:
    """Four active minutes, then `time`, on the millisecond, with nothing left (LE-16)."""
    talk = Talk()
    began = talk.now
    talk.say()
    talk.wait(1_000)

    assert talk.log[-1] == Entry(len(talk.log), began + 240_000, Closed(CloseReason.TIME))
    assert (talk.remaining_s, talk.is_running) == (0.0, False)


def test_line_in_the_last_moment_stands_unanswered() -> None:
    """A line at 0.1 s left is stored; the reply that comes after the close is not (LE-16)."""
    talk = under_way(used_s=200)
    talk.wait(39.9)
    assert talk.remaining_s == pytest.approx(0.1)
    talk.say("Take care!")
    talk.wait(5)

    assert talk.do(Reply("Thank you for listening.")) == ()
    assert talk.state.messages[-1].text == "Take care!"
    assert talk.kinds[-2:] == ["said", "closed"]


def test_line_at_zero_is_too_late() -> None:
    """At the moment of the close the conversation is over."""
    talk = under_way(used_s=200)
    talk.now += 40_000
    talk.settle()
    refused = talk.refusal("Wait!")

    assert refused is not None
    assert (refused.code, refused.retryable) == ("closed", False)


@pytest.mark.parametrize("reason", list(CloseReason))
def test_nothing_follows_the_close(reason: CloseReason) -> None:
    """Whatever is done or whatever time passes: the log has ended."""
    talk = under_way()
    talk.do(Close(reason))
    length = len(talk.log)
    deeds = [Reply("…"), Hide(), Show(), MissSeeker(), KeepAlive(), Tick(), TakeUp()]
    for deed in [*deeds, Join("page"), Leave("page"), Close(CloseReason.FINISHED)]:
        assert talk.do(deed) == ()
    talk.wait(10_000)

    assert len(talk.log) == length
    assert talk.state.closed is reason
    assert next_due(talk.state) is None


def test_remaining_is_never_below_zero() -> None:
    """Read late, before anybody has written down that the time is over, it is zero."""
    talk = Talk()
    talk.say()
    talk.now += 1_000_000

    assert talk.remaining_s == 0.0


def test_clock_of_the_machine_may_step_back() -> None:
    """A time before the last entry counts as the last entry: no time is given back and the log stays in order."""
    talk = under_way()
    talk.wait(30)
    talk.do(KeepAlive())
    talk.now -= 25_000
    entries = talk.do(Hide())

    assert [entry.at for entry in entries] == [talk.state.at]
    assert talk.state.at == max(entry.at for entry in talk.log)
    assert talk.remaining_s == 210.0


def test_limits_are_those_of_the_opening() -> None:
    """At scale 60, four minutes are four seconds of real time and a minute of silence is one."""
    talk = under_way(rules=replace(CONVERSATION, limit_ms=4_000, idle_ms=1_000))
    talk.wait(2)
    assert (talk.paused_by, talk.remaining_s) == ({"idle"}, 3.0)

    talk.say()
    talk.wait(3)

    assert talk.state.closed is CloseReason.TIME


def test_coach_dialogue_has_no_clock() -> None:
    """Nothing is ever due, and what would move a clock moves nothing."""
    talk = Talk(COACHING, opener="You asked one open question.")
    talk.say("How could I have asked more?")
    assert talk.do(Join("page"))[0].event.kind == "joined"
    for deed in (Hide(), Show(), MissSeeker(), KeepAlive(), Leave("page"), Tick()):
        assert talk.do(deed) == ()
    talk.wait(86_400)

    assert talk.state.clock is None
    assert (due(talk.state, talk.now), next_due(talk.state)) == ((), None)
    assert talk.state.is_open and talk.state.awaits_reply


def test_distress_towards_the_coach_is_told_to_the_desk() -> None:
    """There is no clock to stop, but the line is flagged as well."""
    talk = Talk(COACHING, opener="You asked one open question.")
    talk.say("I want to die.", in_distress=True)

    assert talk.kinds == ["opened", "said", "said", "alerted"]


def test_opening_is_the_first_entry_and_comes_once() -> None:
    """Asked for again, the dialogue stays as it was opened."""
    talk = Talk(opener=None)
    assert talk.do(Open(COACHING)) == ()
    assert talk.log == [Entry(1, MIDNIGHT, CONVERSATION)]
    assert talk.state.counterpart is Role.SEEKER
