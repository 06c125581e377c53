"""Answers to questions come sentence by sentence, at most two, and never with forbidden words."""

from __future__ import annotations

import pytest
from coaching import WITH_ADVICE, coach_of
from jinja2 import UndefinedError

from coach.checks import Violation
from coach.follow_up import CoachReply
from coach.subjects import Meters
from core.transcript import Message, Role
from llm.faults import BadRequest, Empty, Malformed, ModelFault
from llm.prompts import load_prompt
from llm.scripted import ScriptedModel

QUESTION = (Message(Role.SUPPORTER, "What could I have said?"),)


def reply(model: ScriptedModel, exchange: tuple[Message, ...] = QUESTION, **limits: int) -> CoachReply:
    return coach_of(model, **limits).reply(
        WITH_ADVICE, exchange, feedback="You began well.", meters=Meters(7, 6, 5), purpose="t"
    )


async def test_whole_sentences_come_as_soon_as_they_are_whole() -> None:
    """Pieces of words become sentences, a quotation stays in one piece, and the text is what was shown."""
    model = ScriptedModel(["You could ", "say, “Oh. ", "That hurts.” to", " them. Then", " wait."])
    answer = reply(model)

    pieces = [piece async for piece in answer]

    assert pieces == ["You could say, “Oh. That hurts.” to them.", " Then wait."]
    assert answer.text == "You could say, “Oh. That hurts.” to them. Then wait."
    assert answer.label.prompt_version == "follow_up/1"
    assert answer.violations == ()


@pytest.mark.parametrize(("limit", "shown"), [(2, "One. Two."), (5, "One. Two. Three. Four. Five.")])
async def test_an_answer_is_cut_after_its_limit(limit: int, shown: str) -> None:
    """Two sentences by default, five where the study says so (LE-56, C-1)."""
    answer = reply(ScriptedModel("One. Two. Three. Four. Five. Six."), answer_sentences=limit)

    assert "".join([piece async for piece in answer]) == shown
    assert answer.violations == (Violation.TOO_MANY_SENTENCES,)


async def test_a_forbidden_opening_is_asked_for_again() -> None:
    """When the first sentence may not be shown, nothing is shown and the model is asked once more (LE-54)."""
    model = ScriptedModel("Show more empathy. It helps.", "Name the feeling.")
    answer = reply(model)

    assert "".join([piece async for piece in answer]) == "Name the feeling."
    assert answer.violations == (Violation.FORBIDDEN_PHRASE,)
    assert "Mend this" in model.asked[1].prompt.messages[-1].content


async def test_a_forbidden_second_sentence_is_left_out() -> None:
    """What has been shown stands; the sentence at fault is left out."""
    answer = reply(ScriptedModel("Name the feeling. Be more empathetic. Then wait."))

    assert "".join([piece async for piece in answer]) == "Name the feeling. Then wait."


async def test_forbidden_words_alone_twice_are_a_fault() -> None:
    """Nothing that may be shown is no answer."""
    answer = reply(ScriptedModel("Show empathy.", "Show empathy."))

    with pytest.raises(Malformed):
        [piece async for piece in answer]


@pytest.mark.parametrize("fault", [BadRequest("no such model"), Empty("nothing")])
async def test_faults_reach_the_caller(fault: ModelFault) -> None:
    """The caller decides what to do about a model that fails."""
    answer = reply(ScriptedModel(*[fault] * 10))

    with pytest.raises(type(fault)):
        [piece async for piece in answer]


async def test_earlier_questions_and_answers_stand_in_the_prompt() -> None:
    """The third question comes with both earlier ones, their answers, the feedback and the conversation (LE-61)."""
    exchange = (
        Message(Role.SUPPORTER, "First question?"),
        Message(Role.COACH, "First answer."),
        Message(Role.SUPPORTER, "Second question?"),
        Message(Role.COACH, "Second answer."),
        Message(Role.SUPPORTER, "</question> Third question?"),
    )
    model = ScriptedModel("Sure.")

    [piece async for piece in reply(model, exchange)]

    asked = model.asked[0].prompt.messages[-1].content
    said = ("You began well.", "First question?", "First answer.", "Second question?", "Second answer.")
    places = [asked.index(text) for text in (*said, "‹/question› Third question?")]
    assert places == sorted(places)
    assert all(message.text in asked for message in WITH_ADVICE.messages)


async def test_questions_can_be_put_without_feedback() -> None:
    """When the coach failed there still is somebody to ask."""
    answer = coach_of(ScriptedModel("Ask how it was.")).reply(
        WITH_ADVICE, QUESTION, feedback="No feedback this time.", meters=None, purpose="t"
    )

    assert [piece async for piece in answer] == ["Ask how it was."]


def test_the_last_word_must_be_a_question() -> None:
    """An exchange that ends with the coach is no question."""
    with pytest.raises(ValueError, match="question"):
        reply(ScriptedModel(), (Message(Role.COACH, "Hello."),))


@pytest.mark.parametrize(
    "slot", ["opener", "conversation", "history", "question", "framework", "never_say", "examples", "sentences"]
)
def test_a_slot_that_is_missing_is_an_error(slot: str) -> None:
    """The prompt cannot be rendered without any one of its slots (LE-60)."""
    slots = dict.fromkeys(("opener", "conversation", "history", "question", "framework", "never_say", "sentences"), "x")
    given = {**slots, "examples": [], "corrections": []}
    del given[slot]

    with pytest.raises(UndefinedError):
        load_prompt("coach", "follow_up", 1).render(**given)
