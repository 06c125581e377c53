"""The rules coach: feedback and answers from hand-written knowledge, without a model."""

from __future__ import annotations

from pydantic import BaseModel

from coach.rules_answers import answer_text
from coach.rules_feedback import feedback_form
from coach.subjects import FeedbackSubject, FollowUpSubject
from llm.faults import BadRequest
from llm.request import ModelRole
from llm.rules import RulesProvider


def register_rules(provider: RulesProvider) -> None:
    """Let the rules coach answer every request of the role coach."""
    provider.register(ModelRole.COACH, _answer)


def _answer(subject: object) -> str | BaseModel:
    """A `FeedbackForm` for a conversation, a text for a question; raises `BadRequest` for anything else."""
    if isinstance(subject, FeedbackSubject):
        return feedback_form(subject)
    if isinstance(subject, FollowUpSubject):
        return answer_text(subject)
    raise BadRequest(f"the rules coach does not know what to do with {type(subject).__name__}")
