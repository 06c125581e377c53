"""A text to read; the one that asks for consent must have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.bundle import StudyBundle
from core.errors import InvalidAnswer
from core.study import PageStep, Study
from server.place import Answer, Place
from server.world import World

CONSENT = "consent"
TIME_FACTOR = "time_factor"
"""An accommodation that may be chosen with the consent: all limits of conversations are multiplied by it."""


class PageKind:
    async def content(self, world: World, place: Place) -> dict[str, Any]:
        return shown(place.bundle, _definition(place))

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        asks = _definition(place).consent
        for item in answers:
            if not (asks and item in (CONSENT, TIME_FACTOR)):
                raise InvalidAnswer(f"There is no question called {item[:64]!r} here.", item=item[:64])
        return check_consent(place.bundle.study, answers) if asks else ()

    async def leave(self, world: World, place: Place) -> None:
        pass


def shown(bundle: StudyBundle, definition: PageStep) -> dict[str, Any]:
    """What a page shows; nothing of it depends on who reads it."""
    content: dict[str, Any] = titled(bundle.pages[definition.file])
    if definition.consent:
        content["consent"] = True
        if len(bundle.study.time_factors) > 1:
            content["time_factors"] = list(bundle.study.time_factors)
    return content


def check_consent(study: Study, answers: Mapping[str, Any]) -> Sequence[Answer]:
    """The consent, and the time factor if one was chosen. Raises `InvalidAnswer` without consent."""
    if answers.get(CONSENT) is not True:
        raise InvalidAnswer("Please tick the box if you agree to take part.", item=CONSENT)
    given = [Answer(CONSENT, CONSENT, "true")]
    if (factor := answers.get(TIME_FACTOR)) is not None:
        if isinstance(factor, bool) or not isinstance(factor, int | float) or factor not in study.time_factors:
            raise InvalidAnswer("Please choose one of the times offered.", item=TIME_FACTOR)
        given.append(Answer(CONSENT, TIME_FACTOR, str(float(factor))))
    return given


def titled(markdown: str) -> dict[str, Any]:
    """The first heading as the title, the rest as the body."""
    first, _, rest = markdown.strip().partition("\n")
    if first.startswith("# "):
        return {"title": first[2:].strip(), "body": rest.strip()}
    return {"title": "", "body": markdown.strip()}


def _definition(place: Place) -> PageStep:
    assert isinstance(place.step.definition, PageStep)  # noqa: S101 - the kind chose this module
    return place.step.definition
