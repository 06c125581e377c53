"""Conversations and models that the tests of the coach share."""

from __future__ import annotations

from pathlib import Path

import pytest

from coach.answer_form import FeedbackForm, MetersForm, SuggestionForm
from coach.feedback import Coach, Feedback
from coach.rules import register_rules
from core.transcript import Message, Role, Transcript, parse_transcripts
from llm.models import ModelChoice, Models
from llm.request import ModelRole
from llm.rules import RulesProvider
from llm.scripted import ScriptedModel

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "expert_rated.jsonl"


def conversation(*lines: str, id: str = "t") -> Transcript:
    """A transcript whose messages take turns, the seeker first."""
    roles = (Role.SEEKER, Role.SUPPORTER)
    return Transcript(id=id, messages=tuple(Message(roles[i % 2], line) for i, line in enumerate(lines)))


WITH_ADVICE = conversation(
    "They gave the post to somebody else. I feel so discouraged.",
    "Ouch, that must sting. You should ask your boss for feedback.",
    "I did, and I walked out feeling completely invisible.",
    "Why don't you look for another job?",
    "I am just so tired of proving myself.",
    "Just try to work harder and they will notice.",
)
WITHOUT_ADVICE = conversation(
    "They gave the post to somebody else. I feel so discouraged.",
    "Ouch, that must sting. What was it like to hear it?",
    "I walked out feeling completely invisible.",
    "So you feel invisible after all the work you put in, and that makes sense.",
    "I am just so tired of proving myself.",
    "It sounds exhausting to keep proving yourself. How are you holding up?",
)


def coach_of(model: ScriptedModel, **limits: int) -> Coach:
    """A coach whose model is scripted."""
    choices = {ModelRole.COACH: (ModelChoice("scripted", "test", {}),)}
    return Coach(Models(providers={"scripted": model}, choices=choices), **limits)


def rules_coach(**limits: int) -> Coach:
    """The coach that works by rules."""
    provider = RulesProvider()
    register_rules(provider)
    choices = {ModelRole.COACH: (ModelChoice("rules", "1", {}),)}
    return Coach(Models(providers={"rules": provider}, choices=choices), **limits)


GOOD_TEXT = (
    'You made a warm start with "that must sting", since it gave the hurt a name. When your conversational partner felt'
    ' invisible, you answered "Why don\'t you look for another job?". You could have said, "Invisible? What was that'
    ' like?" Keep advice until they give you permission, because the goal is to support them, not to fix it. You have a'
    " good ear."
)


def form(
    text: str = GOOD_TEXT, *, quotes: tuple[str, ...] = ("that must sting",), suggestions: int = 1
) -> FeedbackForm:
    """What a model hands in; by default nothing is wrong with it."""
    pair = SuggestionForm(better_wording="Invisible? What was that like?", reason="It gives their word back.")
    return FeedbackForm(
        strength="You named the hurt.",
        quotes=quotes,
        suggestions=(pair,) * suggestions,
        encouragement="You have a good ear.",
        text=text,
        meters=MetersForm(validating=7, elaboration=6, understanding=5),
    )


async def feedback_of(coach: Coach, transcript: Transcript) -> Feedback:
    """The feedback, which must be there."""
    feedback = await coach.feedback(transcript, purpose=transcript.id)
    assert isinstance(feedback, Feedback)
    return feedback


async def ask(coach: Coach, transcript: Transcript, *questions: str) -> list[str]:
    """The answers to questions put one after the other, each with the earlier ones before it."""
    feedback = await feedback_of(coach, transcript)
    exchange: tuple[Message, ...] = ()
    answers = []
    for question in questions:
        exchange = (*exchange, Message(Role.SUPPORTER, question))
        reply = coach.reply(transcript, exchange, feedback=feedback.text, meters=feedback.meters, purpose="t")
        pieces = [piece async for piece in reply]
        assert "".join(pieces) == reply.text
        exchange = (*exchange, Message(Role.COACH, reply.text))
        answers.append(reply.text)
    return answers


def shared_transcripts() -> list[Transcript]:
    """The 25 real conversations beside the project; skips the test where they are absent."""
    if not SHARED.exists():
        pytest.skip("shared/data/expert_rated.jsonl is not beside the project")
    with SHARED.open(encoding="utf-8") as lines:
        return list(parse_transcripts(lines, source=SHARED.name))
