"""One conversation, rated by the rubric that the judge uses; who rates sees nobody else's ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.stimuli import RatingForm
from core.study import RatingStep
from core.survey import Item, ItemKind, Option, Section, Survey, check_answers
from server.place import Answer, Place
from server.steps.shown import messages_shown, stimuli_of, transcripts_of
from server.world import World

NOTE = "note"
"""The id of the remark that a rater may add; it is no dimension of any rubric."""
ASKED = "Is there anything that whoever compares the ratings should know?"


class RatingKind:
    async def content(self, world: World, place: Place) -> dict[str, Any]:
        definition = place.step.definition
        assert isinstance(definition, RatingStep)  # noqa: S101 - the kind chose this module
        form = _form(place)
        (transcript,) = await transcripts_of(world, place)
        return {
            "title": f"Conversation {place.step.trial} of {definition.trials}",
            "trial": place.step.trial,
            "trials": definition.trials,
            "messages": messages_shown(transcript),
            "lowest": form.lowest,
            "highest": form.highest,
            "dimensions": [criterion.model_dump() for criterion in form.criteria],
            "note": ASKED,
        }

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        form = _form(place)
        return [Answer(instrument(form), item, value) for item, value in check_answers(_survey(form), answers).items()]

    async def leave(self, world: World, place: Place) -> None:
        pass


def instrument(form: RatingForm) -> str:
    """What ratings on this form are stored under: rubric and version, as `rubric_of` reads them."""
    return f"{form.rubric} {form.version}"


def rubric_of(instrument: str) -> tuple[str, str]:
    """Name and version of the rubric that an answer was given on."""
    name, _, version = instrument.partition(" ")
    return name, version


def _form(place: Place) -> RatingForm:
    form = stimuli_of(place).form
    assert form is not None  # noqa: S101 - every rating step is read with one
    return form


def _survey(form: RatingForm) -> Survey:
    """The form as a survey: a whole number for every dimension, and a remark if there is one."""
    options = tuple(Option(value=n, label=str(n)) for n in range(form.lowest, form.highest + 1))
    rated = [
        Item(id=c.id, instrument=form.rubric, text=c.name, kind=ItemKind.LIKERT, options=options) for c in form.criteria
    ]
    note = Item(id=NOTE, instrument=form.rubric, text=ASKED, kind=ItemKind.TEXT, required=False)
    return Survey(title="", sections=(Section(items=(*rated, note)),))
