"""Two conversations side by side, and one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidAnswer
from core.study import ComparisonStep
from server.place import Answer, Place
from server.steps.shown import messages_shown, transcripts_of
from server.world import World

CHOICE = "choice"
SIDES = ("left", "right")


class ComparisonKind:
    async def content(self, world: World, place: Place) -> dict[str, Any]:
        definition = place.step.definition
        assert isinstance(definition, ComparisonStep)  # noqa: S101 - the kind chose this module
        left, right = await transcripts_of(world, place)
        return {
            "title": f"Pair {place.step.trial} of {definition.trials}",
            "question": definition.question,
            "trial": place.step.trial,
            "trials": definition.trials,
            "left": messages_shown(left),
            "right": messages_shown(right),
        }

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        for item in answers:
            if item != CHOICE:
                raise InvalidAnswer(f"There is no question called {item[:64]!r} here.", item=item[:64])
        choice = answers.get(CHOICE)
        if not isinstance(choice, str) or choice not in SIDES:
            raise InvalidAnswer("Please choose one of the two conversations.", item=CHOICE)
        return [Answer(CHOICE, CHOICE, choice)]

    async def leave(self, world: World, place: Place) -> None:
        pass
