"""The summary of a log: the same figures for the dataset and for the desk, worked out by hand here."""

from __future__ import annotations

from core.dialogue import Dialogue, Reply
from core.events import CloseReason
from server.summary import Summary, served_until, summary_of
from tests.core.talking import COACHING, MIDNIGHT, Talk

SEEKER = {"model": "openai:m", "prompt_version": "3"}


def summary(talk: Talk) -> Summary:
    return summary_of(talk.log, talk.state, now=talk.now)


def test_finished_conversation() -> None:
    """240 s of clock from the first line, 12 s after the opening; the pause after 60 s of silence is wall time only."""
    talk = Talk()
    talk.wait(12)
    talk.say("How are you today?")
    talk.do(Reply("Not well.", SEEKER))
    talk.wait(90)
    talk.say("I hear  that.\nTruly.")
    talk.do(Reply("Thanks.", {"model": "persona"}))
    for _ in range(4):
        talk.wait(45)
        if talk.state.is_open:
            talk.say("Go on.")
            talk.do(Reply("Yes."))

    told = summary(talk)

    assert told.started_at == MIDNIGHT
    assert told.ended_at == MIDNIGHT + (12 + 90 + 180) * 1000
    assert told.end_reason is CloseReason.TIME
    assert (told.active_s, told.wall_s) == (240, 270)
    assert (told.supporter_messages, told.supporter_words, told.other_messages) == (5, 4 + 4 + 3 * 2, 6)
    assert (told.model, told.prompt_version) == ("openai:m", "3"), "the persona's own lines have no prompt"


def test_conversation_that_goes_on() -> None:
    """There is no end yet, and what is used is counted up to now."""
    talk = Talk()
    talk.say("Hello.")
    talk.wait(7)

    told = summary(talk)

    assert (told.ended_at, told.end_reason, told.wall_s) == (None, None, None)
    assert told.active_s == 7
    assert (told.model, told.prompt_version) == (None, None)


def test_time_in_which_nobody_serves_a_conversation_is_not_used() -> None:
    """Its process gave its last sign 7 s after the line, and nobody has come back; without one the line is the last."""
    talk = Talk()
    talk.say("Hello.")
    said_at = talk.now
    signs = {talk.state.process: said_at + 7_000}

    assert served_until(talk.state, signs, now=said_at + 17_000) == said_at + 17_000
    assert served_until(talk.state, signs, now=said_at + 300_000) == said_at + 7_000
    assert served_until(talk.state, {}, now=said_at + 300_000) == said_at
    assert summary_of(talk.log, talk.state, now=said_at + 7_000).active_s == 7


def test_dialogue_with_the_coach() -> None:
    """It has no clock; the coach is the other side."""
    talk = Talk(COACHING, opener=None)
    talk.do(Reply("You listened.", SEEKER))

    told = summary(talk)

    assert (told.active_s, told.supporter_messages, told.other_messages, told.model) == (None, 0, 1, "openai:m")


def test_empty_log() -> None:
    """A dialogue that has not begun."""
    told = summary_of([], Dialogue(), now=MIDNIGHT)

    assert (told.started_at, told.ended_at, told.active_s, told.other_messages) == (None, None, None, 0)
