"""Who answers in a dialogue: the seeker of its scenario, or the coach who knows the conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from coach.feedback import Coach
from coach.follow_up import CoachReply
from coach.subjects import Meters
from core.bundle import StudyBundle
from core.dialogue import Dialogue
from core.transcript import Role, Transcript
from llm.models import Models
from llm.reply import Label
from personas.persona import Persona
from personas.seeker import Seeker, SeekerReply
from server.storage.tables import DialogueRow, FeedbackRow

FindBundle = Callable[[DialogueRow], Awaitable[StudyBundle]]
FindFeedback = Callable[[str], Awaitable[FeedbackRow | None]]
ReadTranscript = Callable[[DialogueRow], Awaitable[Transcript]]


class CounterpartReply:
    """A reply on its way: iterate over its pieces; then `text` is what is stored, with `stored_label()` beside it."""

    def __init__(self, source: SeekerReply | CoachReply) -> None:
        self._source = source

    def __aiter__(self) -> AsyncIterator[str]:
        return self._source.__aiter__()

    @property
    def text(self) -> str:
        return self._source.text

    def stored_label(self) -> dict[str, Any]:
        """Who answered and what had to be mended, as it is stored with the message."""
        stored = label_stored(self._source.label)
        if isinstance(self._source, SeekerReply):
            stored["role_breaks"] = [str(found) for found in self._source.role_breaks]
            stored["regenerated"] = self._source.regenerated
            stored["used_safe_line"] = self._source.used_safe_line
        else:
            stored["violations"] = [str(found) for found in self._source.violations]
        return stored


class Counterparts:
    """Begins the reply that a dialogue is owed."""

    def __init__(
        self,
        models: Models,
        personas: Mapping[str, Persona],
        *,
        bundle_of: FindBundle,
        feedback_of: FindFeedback,
        conversation_of: ReadTranscript,
    ) -> None:
        self._models = models
        self._seeker = Seeker(models)
        self._personas = personas
        self._bundle_of = bundle_of
        self._feedback_of = feedback_of
        self._conversation_of = conversation_of

    async def reply(self, row: DialogueRow, state: Dialogue) -> CounterpartReply:
        """The reply to the last message of `state`, not yet begun; iterating raises `ModelFault`."""
        bundle = await self._bundle_of(row)
        if state.counterpart is Role.SEEKER:
            return self._seekers(row, state, bundle)
        return await self._coachs(row, state, bundle)

    def _seekers(self, row: DialogueRow, state: Dialogue, bundle: StudyBundle) -> CounterpartReply:
        persona = self._personas[row.scenario or ""]
        reveal = bundle.study.conversation.reveal
        reply = self._seeker.reply(persona, state.transcript, reveal=reveal, purpose=row.id)
        return CounterpartReply(reply)

    async def _coachs(self, row: DialogueRow, state: Dialogue, bundle: StudyBundle) -> CounterpartReply:
        feedback = await self._feedback_of(row.id)
        reply = coach_of(self._models, bundle).reply(
            await self._conversation_of(row),
            state.transcript[1:],
            feedback=state.messages[0].text,
            meters=meters_of(feedback),
            purpose=row.id,
        )
        return CounterpartReply(reply)


def coach_of(models: Models, bundle: StudyBundle) -> Coach:
    """The coach under the rules of a study."""
    rules = bundle.study.coach
    return Coach(models, feedback_sentences=rules.feedback_sentences, answer_sentences=rules.answer_sentences)


def label_stored(label: Label) -> dict[str, Any]:
    """A label as it is stored with what it labels."""
    return {
        "model": label.model,
        "prompt_version": label.prompt_version,
        "prompt_hash": label.prompt_hash,
        "parameters": dict(label.parameters),
    }


def meters_of(feedback: FeedbackRow | None) -> Meters | None:
    """The panel's three points as they are stored; None where any of them is missing."""
    if feedback is None:
        return None
    validating, elaboration, understanding = feedback.validating, feedback.elaboration, feedback.understanding
    if validating is None or elaboration is None or understanding is None:
        return None
    return Meters(validating=validating, elaboration=elaboration, understanding=understanding)
