"""The pages of practice: whom to talk to, and a way out of a conversation before its time."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from core.errors import NotCurrentStep, NotFound
from core.events import CloseReason
from core.transcript import Role
from server import engine
from server.access import participant_of, remember_token, world_of
from server.entrance import count_newcomer
from server.html import SEE_OTHER, html
from server.participant_page import participant_page
from server.place import Place
from server.practice import SLUG as PRACTICE
from server.world import World

router = APIRouter(include_in_schema=False)


@router.get("/practice")
async def choose_practice(request: Request) -> Response:
    """Choose whom to practise with."""
    scenarios = [
        {"id": scenario, "title": persona.name, "summary": f"“{persona.opener}”"}
        for scenario, persona in world_of(request).personas.items()
    ]
    page = participant_page(request, None, title="Practise") | {"home": "/practice"}
    return html("participant/practice.html", page=page, scenarios=scenarios)


@router.post("/practice")
async def begin_practice(request: Request) -> Response:
    """Begin a practice conversation; no study, no account, nothing exported."""
    world = world_of(request)
    async with request.form(max_fields=10) as form:
        scenario = str(form.get("scenario", ""))
    if scenario not in world.personas:
        raise NotFound("There is nobody by that name to practise with.")
    await count_newcomer(request)
    admission = await world.participants.practise(world.studies.current(PRACTICE), scenario)
    remember_token(request, PRACTICE, admission.token)
    return RedirectResponse(f"/s/{PRACTICE}", SEE_OTHER)


@router.post(f"/s/{PRACTICE}/end")
async def end_conversation(request: Request) -> Response:
    """End the conversation before its time; the coach reads what there is, or one chooses anew where nothing was said.

    Whoever calls for another study is told that there is nothing here: its conversations last as long as it says.
    """
    world = world_of(request)
    participant = await participant_of(request, PRACTICE)
    place = await engine.place_of(world, participant)
    if place.bundle.slug != PRACTICE:
        raise NotFound("Only a practice conversation can be ended early.")
    if place.step.kind == "conversation":
        if not await _end(world, place):
            return RedirectResponse("/practice", SEE_OTHER)
        with suppress(NotCurrentStep):  # a second click has come first
            await engine.take(world, participant, place.step.id, {})
    return RedirectResponse(f"/s/{PRACTICE}", SEE_OTHER)


async def _end(world: World, place: Place) -> bool:
    """Close the conversation of this place; False, and nothing done, where its supporter has said nothing."""
    row = await world.dialogues.at(place)
    if row is None:
        return False
    dialogue = await world.dialogues.state(row.id)
    if not any(message.role is Role.SUPPORTER for message in dialogue.messages):
        return False
    await world.hub.close(row.id, CloseReason.FINISHED)
    return True
