"""The coach: feedback on the round's conversation, and questions; left once enough questions were put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from coach.questions import is_question_put
from core.dialogue import Dialogue
from core.errors import DamagedLog, NotReady
from core.events import CloseReason, Opened
from core.transcript import Role
from server.counterparts import meters_of
from server.place import Answer, Place
from server.world import World

COACH_RULES = Opened(counterpart=Role.COACH)
TITLE = "Your communication coach"
REMINDER = "Before you go on, please ask the coach at least one question."
GREETING = "Anything you would like to know about your feedback, or about listening? Ask away."


class CoachKind:
    async def content(self, world: World, place: Place) -> dict[str, Any]:
        dialogue_id = await world.dialogues.open(place, COACH_RULES)
        await world.jobs.give_feedback(dialogue_id)
        feedback = await world.feedback_of(dialogue_id)
        meters = meters_of(feedback)
        rules = place.bundle.study.coach
        return {
            "dialogue": dialogue_id,
            "title": TITLE,
            "greeting": GREETING,
            "reminder": REMINDER if rules.min_questions else "",
            "min_questions": rules.min_questions,
            "show_meters": rules.show_meters,
            "meters": asdict(meters) if meters is not None and rules.show_meters else None,
            "failed": feedback is not None and feedback.failure is not None,
            "transcript": await world.dialogues.conversation_shown(dialogue_id),
        }

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        row = await world.dialogues.at(place)
        if row is None:
            raise NotReady(REMINDER, missing="question")
        try:
            dialogue = await world.dialogues.state(row.id)
        except DamagedLog:  # it cannot go on, and nobody is kept from going on
            return ()
        has_asked = questions_put(dialogue) >= place.bundle.study.coach.min_questions
        if not has_asked and await self._can_answer(world, row.id, dialogue):
            raise NotReady(REMINDER, missing="question")
        return ()

    async def _can_answer(self, world: World, dialogue_id: str, dialogue: Dialogue) -> bool:
        """Whether the coach can still be asked: it has not failed for good."""
        feedback = await world.feedback_of(dialogue_id)
        return dialogue.is_open and (feedback is None or feedback.failure is None)

    async def leave(self, world: World, place: Place) -> None:
        row = await world.dialogues.at(place)
        if row is not None:
            await world.hub.close(row.id, CloseReason.FINISHED)


def questions_put(dialogue: Dialogue) -> int:
    """How many real questions the supporter has put to the coach (LE-24)."""
    return sum(is_question_put(m.text) for m in dialogue.messages if m.role is Role.SUPPORTER)
