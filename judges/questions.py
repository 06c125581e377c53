"""Telling questions apart: whether a sentence asks, how openly, and whether for feelings, a story or a fact."""

from __future__ import annotations

from enum import StrEnum

from judges.clauses import Sentence
from judges.lexicon import form

_QUESTION_FORMS = ("open_question", "bare_question", "fact_question", "closed_question")


class Asked(StrEnum):
    """What a question asks for, from the widest to the narrowest."""

    FEELING = "feeling"
    """Openly, how it is for the other person."""
    STORY = "story"
    """Openly, for more."""
    CHECK = "check"
    """Whether something about them has been understood: a statement with a tag, or with a question mark."""
    CLOSED_FEELING = "closed_feeling"
    """For a yes or no about how they are."""
    FACT = "fact"
    """For one particular: who, when, which position."""
    CLOSED = "closed"
    """For a yes or no."""


def question(sentence: Sentence) -> Asked | None:
    """What `sentence` asks for; None for a statement or a question that wants no answer."""
    whole = sentence.plain
    parts = [clause.plain for clause in sentence.clauses]
    if form("rhetorical").search(whole):
        return None
    if len(parts) > 1 and form("tag").search(parts[-1]):
        return Asked.CHECK
    is_about_feelings = form("about_feelings").search(whole)
    if _any(parts, "fact_question"):
        return Asked.FACT
    if _any(parts, "open_question") or (sentence.has_question_mark and _any(parts, "bare_question")):
        return Asked.FEELING if is_about_feelings else Asked.STORY
    if _any(parts, "closed_question"):
        return Asked.CLOSED_FEELING if is_about_feelings else Asked.CLOSED
    return Asked.CHECK if sentence.has_question_mark else None


def stated(sentence: Sentence) -> str:
    """What `sentence` says beside what it asks, in plain form."""
    parts = [clause.plain for clause in sentence.clauses]
    return " ".join(part for part in parts if not any(form(name).search(part) for name in _QUESTION_FORMS))


def _any(parts: list[str], name: str) -> bool:
    return any(form(name).search(part) for part in parts)
