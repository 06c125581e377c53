"""The form in which a model hands in its feedback."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from core.strict import Strict

Points = Annotated[int, Field(ge=1, le=10)]


class SuggestionForm(Strict):
    """Something the supporter could have said instead, and why it would help."""

    better_wording: str
    reason: str


class MetersForm(Strict):
    """How much of each move can be seen, 1-10."""

    validating: Points
    elaboration: Points
    understanding: Points


class FeedbackForm(Strict):
    """The parts of a feedback in the order of the recipe, the text that people read, and the three meters."""

    strength: str
    quotes: tuple[str, ...]
    """The supporter's own lines that the text quotes, letter for letter."""
    suggestions: tuple[SuggestionForm, ...]
    encouragement: str
    text: str
    meters: MetersForm
