"""The last page: thanks, the completion code, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import NotCurrentStep
from core.study import EndStep
from server.place import Answer, Place
from server.steps.page import titled
from server.world import World


class EndKind:
    async def content(self, world: World, place: Place) -> dict[str, Any]:
        definition = place.step.definition
        assert isinstance(definition, EndStep)  # noqa: S101 - the kind chose this module
        completion = place.bundle.study.completion
        content = titled(place.bundle.pages[definition.file])
        content |= {"completion_code": completion.code, "results": place.bundle.study.show_results}
        if completion.redirect:
            content["redirect"] = completion.redirect.replace("{code}", completion.code)
        return content

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        raise NotCurrentStep("This is the last page; there is nothing more to send.")

    async def leave(self, world: World, place: Place) -> None:
        pass
