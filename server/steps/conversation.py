"""The timed chat with the seeker; left once it is closed, whatever the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import NotReady
from core.events import Opened
from core.transcript import Role
from server.place import Answer, Place
from server.practice import SLUG as PRACTICE
from server.world import World


class ConversationKind:
    async def content(self, world: World, place: Place) -> dict[str, Any]:
        assert place.step.scenario is not None  # noqa: S101 - every conversation step has one
        rules, persona = opening(world, place), world.personas[place.step.scenario]
        dialogue_id = await world.dialogues.open(place, rules, first_message=persona.opener)
        shown = {"dialogue": dialogue_id, "limit_ms": rules.limit_ms}
        return shown | {"scenario_title": persona.name} if place.bundle.slug == PRACTICE else shown

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        row = await world.dialogues.at(place)
        if row is None or await world.dialogues.is_open(row.id):
            raise NotReady("The conversation is still going on.", missing="conversation")
        return ()

    async def leave(self, world: World, place: Place) -> None:
        pass


def opening(world: World, place: Place) -> Opened:
    """The rules of this participant's conversation: scaled once, stretched by their time factor."""
    rules = place.bundle.study.conversation
    per_second = 1000 * place.participant.time_factor / world.time_scale
    return Opened(
        counterpart=Role.SEEKER,
        limit_ms=round(rules.limit_s * per_second),
        idle_ms=round(rules.idle_s * per_second),
        reply_time_counts=rules.seeker_reply_time == "counts",
    )
