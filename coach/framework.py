"""The coaching framework: a versioned file that an expert edits, read strictly."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field, model_validator

from core.dimensions import framework as dimension_framework
from core.located import LocatedYaml
from core.shipped import shipped_text
from core.strict import Strict, Text, Texts


class Move(Strict):
    """A thing to say that can be taught (LE-65)."""

    id: Text
    name: Text
    definition: Text
    examples: Texts
    reason: Text


class Avoidance(Strict):
    """A thing that gets in the way, with what it does to the conversation and why."""

    id: Text
    name: Text
    definition: Text
    effect: Text
    reason: Text


class AdvicePoint(Strict):
    """What a supporter who gave advice unasked is told (LE-53), and the words by which both halves are recognised."""

    when: Text
    what: Text
    wording: Text
    permission_words: Texts
    goal_words: Texts


class FollowUp(Strict):
    """A question people often put to the coach, and how to answer it (LE-66)."""

    id: Text
    asked: Text
    guidance: Text


class NoAdviceTexts(Strict):
    """What people are told when there is no feedback."""

    nothing_said: Text
    model_failed: Text


class CoachingFramework(Strict):
    """What the coach teaches and how it speaks (LE-47 to LE-67)."""

    version: Text
    references: Texts
    stance: Texts
    moves: Annotated[tuple[Move, ...], Field(min_length=1)]
    avoid: Annotated[tuple[Avoidance, ...], Field(min_length=1)]
    recipe: Annotated[tuple[dict[Text, Text], ...], Field(min_length=1)]
    advice_point: AdvicePoint
    never_say: Texts
    scolding: Texts
    opening_words: Texts
    follow_ups: Annotated[tuple[FollowUp, ...], Field(min_length=1)]
    no_advice: NoAdviceTexts

    @model_validator(mode="after")
    def _ids_are_unique(self) -> CoachingFramework:
        for part in (self.moves, self.avoid, self.follow_ups):
            ids = [entry.id for entry in part]
            if twice := sorted({i for i in ids if ids.count(i) > 1}):
                raise ValueError(f"the id {twice[0]} occurs twice")
        return self

    def move(self, id: str) -> Move:
        """The move called `id`; raises `KeyError` when there is none."""
        return {move.id: move for move in self.moves}[id]

    def avoidance(self, id: str) -> Avoidance:
        """The thing to avoid called `id`; raises `KeyError` when there is none."""
        return {entry.id: entry for entry in self.avoid}[id]

    def as_text(self) -> str:
        """The framework as a prompt carries it: the shared dimensions first, then stance, moves, recipe and answers."""
        shared = dimension_framework()
        parts = [
            f"Dimensions (version {shared.version}):",
            *(f"- {d.name}: {d.definition}" for d in shared.definitions),
            f"\nStance (coaching framework, version {self.version}):",
            *(f"- {line}" for line in self.stance),
            "\nMoves to teach:",
            *(f"- {m.name}: {m.definition} For example: {' / '.join(m.examples)}" for m in self.moves),
            "\nThings to avoid:",
            *(f"- {a.name}: {a.definition}" for a in self.avoid),
            "\nThe feedback, in this order:",
            *(f"- {name}: {what}" for step in self.recipe for name, what in step.items()),
            f"\nThe point about advice, {self.advice_point.when}: {self.advice_point.what}.",
            "\nQuestions that supporters often ask, and how to answer them:",
            *(f"- {f.asked} -> {f.guidance}" for f in self.follow_ups),
        ]
        return "\n".join(parts)


def read_framework(text: str, *, file: str) -> CoachingFramework:
    """The framework in `text`, which stands in `file`; raises `Faults` with a line for everything that does not fit."""
    return LocatedYaml(text, file=file).read_as(CoachingFramework)


@cache
def coaching_framework() -> CoachingFramework:
    """The framework that ships."""
    return read_framework(shipped_text("coach", "framework.yaml"), file="coach/framework.yaml")
