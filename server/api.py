"""The participant API: entering, the current step, taking it, what was done on a page, withdrawing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.errors import Forbidden, NotFound
from core.participant import ParticipantStatus
from core.text import is_storable
from server import engine
from server.access import bearer, participant_of, session_token, world_of
from server.entrance import cleaned_id, enter_publicly
from server.participants import MAX_ID, Entry
from server.practice import SLUG as PRACTICE
from server.storage.tables import ParticipantRow
from server.withdrawal import withdraw
from server.world import World

router = APIRouter(prefix="/api")


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("it holds a character that cannot be kept")
    return text


Id = Annotated[str, AfterValidator(cleaned_id)]


class Entering(BaseModel):
    """Who enters a study, as far as the recruiting platform tells."""

    model_config = ConfigDict(extra="ignore")

    external_id: Id | None = None
    session_id: Id | None = None
    source: Annotated[str, Field(max_length=MAX_ID), AfterValidator(_storable)] | None = None


class Entered(BaseModel):
    """The place of a participant."""

    participant_id: str
    token: str
    resumed: bool


class Answers(BaseModel):
    """What a participant answers to a step."""

    answers: dict[str, Any] = Field(default_factory=dict)


class Activities(BaseModel):
    """What a participant did on a page."""

    events: list[dict[str, Any]]


async def _world(request: Request) -> World:
    return world_of(request)


async def _participant(request: Request) -> ParticipantRow:
    return await participant_of(request)


WorldDependency = Annotated[World, Depends(_world)]
ParticipantDependency = Annotated[ParticipantRow, Depends(_participant)]


@router.post("/studies/{slug}/participants", status_code=201)
async def enter(slug: str, request: Request, world: WorldDependency, entering: Annotated[Entering, Body()]) -> Entered:
    """Enter a study, or come back to it."""
    if slug == PRACTICE:
        raise NotFound("Practice is entered by its own page.")
    bundle = world.studies.current(slug)
    if not world.participants.admits_anyone(bundle):
        raise Forbidden("Raters come in by their account at the desk.")
    entry = Entry(external_id=entering.external_id, session_id=entering.session_id, source=entering.source)
    token = bearer(request) or session_token(request, slug)
    admission = await enter_publicly(request, bundle, entry, token=token)
    return Entered(participant_id=admission.participant_id, token=admission.token, resumed=admission.resumed)


@router.get("/me")
async def me(world: WorldDependency, participant: ParticipantDependency) -> dict[str, Any]:
    """Where the participant stands."""
    return await engine.show(world, participant)


@router.post("/me/steps/{step_id}")
async def take_step(
    step_id: str, world: WorldDependency, participant: ParticipantDependency, body: Annotated[Answers, Body()]
) -> dict[str, Any]:
    """Take the current step; the answer is the next one."""
    return await engine.show(world, await engine.take(world, participant, step_id, body.answers))


@router.post("/me/events", status_code=204)
async def note(world: WorldDependency, participant: ParticipantDependency, body: Annotated[Activities, Body()]) -> None:
    """Keep what somebody did on a page; it decides nothing on its own."""
    await engine.note_activities(world, participant, body.events)


@router.post("/me/withdraw")
async def leave_study(world: WorldDependency, participant: ParticipantDependency) -> dict[str, Any]:
    """Withdraw from the study."""
    await withdraw(world, participant)
    return {"participant_id": participant.id, "study": participant.slug, "status": ParticipantStatus.WITHDRAWN.value}
