"""The facts that the coach's questions to a model are made of."""

from __future__ import annotations

from dataclasses import dataclass

from coach.framework import CoachingFramework
from core.transcript import Message, Role, Transcript


@dataclass(frozen=True, slots=True)
class Meters:
    """The panel's points for the three prescriptive dimensions, 1-10; never converted to study scores (C-3, LE-63)."""

    validating: int
    elaboration: int
    understanding: int

    def __post_init__(self) -> None:
        for name in ("validating", "elaboration", "understanding"):
            if getattr(self, name) not in range(1, 11):
                raise ValueError(f"{name}: {getattr(self, name)} is off the scale 1-10")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something concrete to say or do, and why it would help."""

    suggestion: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedbackSubject:
    """A finished conversation to give feedback on."""

    transcript: Transcript
    framework: CoachingFramework
    feedback_sentences: int


@dataclass(frozen=True, slots=True)
class FollowUpSubject:
    """A question to the coach, with everything it may be about."""

    transcript: Transcript
    framework: CoachingFramework
    feedback: str
    meters: Meters | None
    """None when there was no feedback."""
    exchange: tuple[Message, ...]
    """Coach and supporter since the feedback; the last message is the question."""
    answer_sentences: int

    def __post_init__(self) -> None:
        if not self.exchange or self.exchange[-1].role is not Role.SUPPORTER:
            raise ValueError("the last message of the exchange must be the supporter's question")

    @property
    def question(self) -> str:
        return self.exchange[-1].text

    @property
    def already_said(self) -> tuple[str, ...]:
        """What the coach has answered so far, in order."""
        return tuple(message.text for message in self.exchange if message.role is Role.COACH)


def opener_of(transcript: Transcript) -> str:
    """The first thing the seeker said; empty when the seeker said nothing."""
    return next(iter(transcript.of(Role.SEEKER)), "")
