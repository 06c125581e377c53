"""A page of questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.study import SurveyStep
from core.survey import Item, Survey, check_answers
from server.place import Answer, Place
from server.world import World


class SurveyKind:
    async def content(self, world: World, place: Place) -> dict[str, Any]:
        survey = _survey(place)
        return {
            "title": survey.title,
            "intro": survey.intro,
            "sections": [
                {"title": s.title, "intro": s.intro, "items": [_shown(item) for item in s.items]}
                for s in survey.sections
            ],
            "items": [_shown(item) for item in survey.items],
        }

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        survey = _survey(place)
        instrument = {item.id: item.instrument for item in survey.items}
        return [Answer(instrument[item], item, value) for item, value in check_answers(survey, answers).items()]

    async def leave(self, world: World, place: Place) -> None:
        pass


def _survey(place: Place) -> Survey:
    assert isinstance(place.step.definition, SurveyStep)  # noqa: S101 - the kind chose this module
    return place.bundle.surveys[place.step.definition.file]


def _shown(item: Item) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": item.id, "text": item.text, "kind": item.kind.value, "required": item.required}
    if item.options:
        shown["options"] = [{"value": option.value, "label": option.label} for option in item.options]
    for name in ("hint", "minimum", "maximum", "unit"):
        if (value := getattr(item, name)) not in (None, ""):
            shown[name] = value
    return shown
