"""What the coach says fits: the line that was asked about, the meters beside it, and what a line really did."""

from __future__ import annotations

import asyncio

import pytest

from coach.feedback import Feedback
from coach.moments import moves_in
from coach.move_patterns import Move
from coach.phrases import phrases
from coach.reading import meters_of, read
from core.transcript import Message, Role, Transcript
from tests.coach.coaching import WITH_ADVICE, WITHOUT_ADVICE, conversation, rules_coach

GRIEF = conversation(
    "My dad died last week.. I keep thinking it can't be true that he's gone.",
    "Hm",
    "The hospital phoned last week, out of nowhere.",
    "Your head knows but the rest of you is still waiting for him to walk in.",
    "Yes. I keep reaching for the phone to tell him.",
    "What are you most afraid of?",
    "That it never stops hurting.",
    "My mom died too, so I know how it is.",
    "I'm sorry.",
    "At least he is in a better place now and you'll get over it soon",
)


def told(transcript: Transcript) -> Feedback:
    feedback = asyncio.run(rules_coach().feedback(transcript, purpose="test"))
    assert isinstance(feedback, Feedback)
    return feedback


def answer(question: str) -> str:
    """What the coach answers about the conversation above."""
    feedback = told(GRIEF)
    exchange = (Message(Role.SUPPORTER, question),)
    reply = rules_coach().reply(GRIEF, exchange, feedback=feedback.text, meters=feedback.meters, purpose="test")

    async def whole() -> str:
        return "".join([piece async for piece in reply])

    return asyncio.run(whole())


@pytest.mark.parametrize(
    "question", ["What are you most afraid of?", "How scared have you been?", "Why are you angry?"]
)
def test_asking_for_a_feeling_is_not_naming_one(question: str) -> None:
    assert Move.NAMED_FEELING not in moves_in(question, partner="I don't know what to do.")


def test_a_feeling_stated_before_a_question_is_named() -> None:
    assert Move.NAMED_FEELING in moves_in("You sound scared, what are you facing?", partner="It came back.")


@pytest.mark.parametrize(
    "line",
    ["At least he is in a better place now and you'll get over it soon", "You will get over it", "you'll get over him"],
)
def test_a_promise_of_getting_over_it_makes_it_smaller_and_is_no_reproach(line: str) -> None:
    moves = moves_in(line, partner="He is gone.")

    assert Move.MINIMISE in moves
    assert Move.CRITICISM not in moves


def test_being_told_to_get_over_it_is_a_reproach() -> None:
    assert Move.CRITICISM in moves_in("Just get over it.", partner="He is gone.")


def test_fresh_words_about_them_show_understanding() -> None:
    """Giving back need not repeat the partner's words."""
    said = conversation(
        "I keep thinking it can't be true that he's gone.",
        "Your head knows but the rest of you is still waiting for him to walk in.",
        "Yes. And everybody wants a decision about the flowers.",
        "Part of you would rather close the door on all those relatives.",
    )

    assert meters_of(read(said)).understanding >= 5


@pytest.mark.parametrize("transcript", [GRIEF, WITH_ADVICE, WITHOUT_ADVICE])
def test_closing_praise_fits_the_meters(transcript: Transcript) -> None:
    """A habit is praised only where its meter stands at five or more."""
    feedback = told(transcript)
    habits = {
        "named_feeling": feedback.meters.validating,
        "validated": feedback.meters.validating,
        "paraphrased": feedback.meters.understanding,
        "open_question": feedback.meters.elaboration,
    }

    for move, points in habits.items():
        if points < 5:
            assert not any(line in feedback.text for line in phrases().encouragements[move])


@pytest.mark.parametrize("transcript", [GRIEF, WITH_ADVICE, WITHOUT_ADVICE])
def test_the_studys_term_stands_once_or_twice(transcript: Transcript) -> None:
    assert told(transcript).text.count("conversational partner") in (1, 2)


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("When I mentioned my mom, was that bad?", "My mom died too"),
        ("What to say instead of Hm?", "“Hm”"),
        ("Why is At least he is in a better place now a reproach?", "At least he is in a better place"),
    ],
)
def test_an_answer_is_about_the_line_that_was_asked_about(question: str, line: str) -> None:
    assert line in answer(question)


def test_a_why_is_answered_with_the_reason() -> None:
    assert "comfort that comes too soon" in answer("Why is 'At least he is in a better place now' a reproach?")


@pytest.mark.parametrize("question", ["What is the weather?", "What is your favourite food?"])
def test_what_lies_outside_is_turned_down_without_another_wording(question: str) -> None:
    text = answer(question)

    assert "outside what I can help with" in text or "of use there" in text or "keep to your conversation" in text
    assert "how is that for you" not in text
