"""Messages of a dialogue: whose turn it is, what is refused and why, and that a repeated line is one line."""

from __future__ import annotations

import pytest
from talking import COACHING, CONVERSATION, Talk, under_way

from core.dialogue import MAX_MESSAGE, Close, Dialogue, Hide, Join, Reply, Say, decide, evolve, fold
from core.errors import DamagedLog
from core.events import CloseReason, Entry, Joined, Said
from core.transcript import Message, Role

TEARS = "\N{LOUDLY CRYING FACE}"
"""One code point, two UTF-16 units, four bytes."""


def test_the_opener_is_the_first_message() -> None:
    """The seeker opens, the supporter answers: then it is the seeker's turn again (LE-7)."""
    talk = Talk(opener="I lost my job.")
    assert talk.state.transcript == (Message(Role.SEEKER, "I lost my job."),)
    assert (talk.state.is_supporters_turn, talk.state.awaits_reply) == (True, False)

    talk.say("Oh no.")

    assert (talk.state.is_supporters_turn, talk.state.awaits_reply) == (False, True)


def test_a_message_bears_the_number_of_its_entry() -> None:
    """The seq of a message is its place in the log, with gaps where other things happened."""
    talk = Talk()
    talk.do(Join("page"))
    talk.say("Oh no.", client_id="a")

    assert [(spoken.seq, spoken.text) for spoken in talk.state.messages] == [(2, "I lost my job."), (4, "Oh no.")]
    assert talk.state.seq_of == {"a": 4}
    assert talk.state.messages[-1].at == talk.now


# Refusals


@pytest.mark.parametrize("text", ["", " ", "\n\t  \r\n", "\u00a0\u3000\u2028"])
def test_blank_line_is_refused(text: str) -> None:
    """Nothing but white space, of whatever kind, is no message."""
    refused = Talk().refusal(text)

    assert refused is not None
    assert (refused.code, refused.retryable) == ("empty", False)


@pytest.mark.parametrize("letter", ["x", TEARS, "\u0301"], ids=["plain", "astral", "combining"])
def test_length_is_counted_in_code_points(letter: str) -> None:
    """2,000 fit and 2,001 do not, however many bytes or drawn signs they make."""
    refused = Talk().refusal(letter * (MAX_MESSAGE + 1))
    assert refused is not None
    assert (refused.code, refused.retryable) == ("too_long", False)
    assert "2,000" in refused.message and "2,001" in refused.message

    assert Talk().refusal(letter * MAX_MESSAGE) is None


def test_length_is_counted_after_trimming() -> None:
    """White space around a message takes no room."""
    talk = Talk()

    assert talk.refusal("  " * 500 + "x" * MAX_MESSAGE + "\n" * 500) is None
    assert len(talk.state.messages[-1].text) == MAX_MESSAGE


def test_two_lines_in_a_row_are_refused() -> None:
    """While a reply is outstanding the next line has to wait; it may be sent again."""
    talk = Talk()
    talk.say("Oh no.")
    refused = talk.refusal("Are you there?")

    assert refused is not None
    assert (refused.code, refused.retryable) == ("not_your_turn", True)


@pytest.mark.parametrize("rules", [CONVERSATION, COACHING], ids=["seeker", "coach"])
def test_nobody_speaks_before_the_counterpart(rules: object) -> None:
    """Before the opener, or before the coach's feedback has come, it is not the supporter's turn."""
    refused = Talk(rules, opener=None).refusal("Hello?")  # type: ignore[arg-type]

    assert refused is not None
    assert (refused.code, refused.retryable) == ("not_your_turn", True)


@pytest.mark.parametrize("text", ["One more thing", "", "x" * 3_000])
def test_closed_is_said_before_anything_else(text: str) -> None:
    """After the close there is no point in telling somebody to write a shorter message."""
    talk = under_way()
    talk.do(Close(CloseReason.FINISHED))
    refused = talk.refusal(text)

    assert refused is not None
    assert (refused.code, refused.retryable) == ("closed", False)


def test_a_dialogue_that_was_never_opened_takes_nothing() -> None:
    """Neither lines nor anything else."""
    with pytest.raises(Exception, match="over") as refused:
        decide(Dialogue(), Say(client_id="a", text="Hello?"), 0)
    assert getattr(refused.value, "code", None) == "closed"

    assert decide(Dialogue(), Reply("Hello?"), 0) == ()
    assert decide(Dialogue(), Join("page"), 0) == ()


# Idempotence


def test_repeated_line_appends_nothing() -> None:
    """The same client_id once more: no entry, no refusal, the first seq, and its new text is ignored."""
    talk = Talk()
    talk.say("Oh no.", client_id="a")
    seq = talk.state.seq_of["a"]
    length = len(talk.log)

    assert talk.refusal("Something else", client_id="a") is None
    assert talk.refusal("", client_id="a") is None
    assert talk.refusal("x" * 5_000, client_id="a") is None

    assert len(talk.log) == length
    assert talk.state.seq_of["a"] == seq
    assert talk.state.messages[-1].text == "Oh no."


def test_repeated_line_is_known_after_the_reply_and_after_the_close() -> None:
    """Whenever it comes again: while waiting, when answered, when all is over, and from the stored log."""
    talk = Talk()
    talk.say("Oh no.", client_id="a")
    assert talk.refusal(client_id="a") is None
    talk.do(Reply("Yes."))
    assert talk.refusal(client_id="a") is None
    talk.wait(1_000)
    talk.do(Close(CloseReason.ABANDONED))
    assert talk.refusal(client_id="a") is None

    talk.state = fold(talk.log)

    assert talk.refusal(client_id="a") is None
    assert [spoken.text for spoken in talk.state.messages] == ["I lost my job.", "Oh no.", "Yes."]


def test_repeated_line_does_not_move_the_clock() -> None:
    """A resent line is no new sign of life: hidden stays hidden."""
    talk = Talk()
    talk.say("Oh no.", client_id="a")
    talk.do(Reply("Yes."))
    talk.do(Hide())

    assert talk.refusal(client_id="a") is None
    assert talk.paused_by == {"hidden"}


def test_a_refused_line_may_come_again_under_its_name() -> None:
    """A refusal stores nothing, so the same client_id is free when the turn has come."""
    talk = Talk()
    talk.say("Oh no.")
    assert talk.refusal("Go on.", client_id="b") is not None
    talk.do(Reply("Yes."))

    assert talk.refusal("Go on.", client_id="b") is None
    assert talk.state.messages[-1].text == "Go on."


# What is stored


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("  Oh no.\n", "Oh no."),
        ("\u00a0Oh no.\u3000", "Oh no."),
        ("Two\n\n  lines ", "Two\n\n  lines"),
        ("=1+1", "=1+1"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("'quoted' \"twice\"", "'quoted' \"twice\""),
        ("\u202bשלום\u202c", "\u202bשלום\u202c"),
        ("e\u0301", "e\u0301"),
        (f"{TEARS}\N{ZERO WIDTH JOINER}{TEARS}", f"{TEARS}\N{ZERO WIDTH JOINER}{TEARS}"),
        ("nothing\x00 to see", "nothing\x00 to see"),
    ],
)
def test_stored_text_is_the_trimmed_text(text: str, stored: str) -> None:
    """White space goes at both ends; everything else stays as it was written."""
    talk = Talk()
    talk.say(text)

    assert talk.state.messages[-1].text == stored


def test_a_line_carries_how_it_was_written() -> None:
    """Pasted or typed, and how long it took."""
    talk = Talk()
    (entry, *_) = talk.do(Say(client_id="a", text="Oh no.", pasted=True, compose_ms=1_234))

    assert entry.event == Said(role=Role.SUPPORTER, text="Oh no.", client_id="a", pasted=True, compose_ms=1_234)


def test_a_reply_carries_its_label() -> None:
    """Model and prompt version stay with the message."""
    label = {"model": "scripted:1", "prompt_version": "seeker/3", "role_breaks": 0}
    talk = Talk()
    talk.say()
    (entry, *_) = talk.do(Reply(" I see. ", label))

    assert entry.event == Said(role=Role.SEEKER, text="I see.", label=label)


def test_second_reply_to_one_line_is_dropped() -> None:
    """Two processes answered the same line: the first answer stands."""
    talk = Talk()
    talk.say()
    talk.do(Reply("First."))

    assert talk.do(Reply("Second.")) == ()
    assert talk.state.messages[-1].text == "First."


def test_a_reply_to_an_earlier_line_comes_too_late() -> None:
    """It names the line that it answers; the one that stands last now is another's to answer."""
    talk = Talk()
    talk.say("One.")
    first = talk.state.messages[-1].seq
    talk.do(Reply("To one.", after=first))
    talk.say("Two.")

    assert talk.do(Reply("To one again.", after=first)) == ()
    assert talk.do(Reply("The opening again.", after=0)) == ()
    assert talk.do(Reply("To two.", after=talk.state.messages[-1].seq))


def test_the_coach_speaks_as_coach() -> None:
    """In a coaching dialogue the counterpart's messages bear the role `coach`."""
    talk = Talk(COACHING, opener="You asked one open question.")
    talk.say("Which one?")
    talk.do(Reply("The second."))

    assert [message.role for message in talk.state.transcript] == [Role.COACH, Role.SUPPORTER, Role.COACH]


# The log


def test_an_entry_out_of_place_is_an_error() -> None:
    """A log with a gap is damaged, and told with what is missing first; nor can one be folded with an entry twice."""
    talk = under_way()

    with pytest.raises(DamagedLog, match="is damaged: entry 2 of its log is missing in the database"):
        fold([talk.log[0], *talk.log[2:]])
    with pytest.raises(ValueError, match="cannot follow"):
        evolve(talk.state, talk.log[-1])
    with pytest.raises(DamagedLog, match="entry 1 "):
        fold([Entry(2, 0, Joined("page"))])


def test_entries_of_one_command_are_numbered_on() -> None:
    """A command that makes several things happen appends them without a gap, at one time."""
    talk = under_way()
    talk.do(Hide())
    before = talk.state.seq
    entries = talk.do(Say(client_id="z", text="I want to die.", in_distress=True))

    assert [entry.seq - before for entry in entries] == [1, 2, 3, 4]
    assert [entry.event.kind for entry in entries] == ["said", "resumed", "alerted", "paused"]
    assert {entry.at for entry in entries} == {talk.now}
