"""The study engine: where a participant stands, what the step shows, and taking the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import InvalidAnswer, NotCurrentStep, Withdrawn
from core.itinerary import itinerary
from core.participant import ParticipantStatus
from core.study import JudgingStep, PageStep, Study
from core.text import is_storable
from server.participants import GONE, dump, has_withdrawn
from server.place import Answer, Place
from server.sequences import PASSED_ON, give, has_hold, keep_hold
from server.steps import KINDS
from server.steps.page import TIME_FACTOR
from server.storage.database import STORAGE_FAULTS
from server.storage.log import LogUnavailable
from server.storage.tables import ActivityRow, ParticipantRow, ResponseRow, VisitRow
from server.world import World

ACTIVITY_KINDS = frozenset({"video_play", "video_progress", "video_ended", "paste", "focus", "blur"})
MAX_ACTIVITIES = 100
"""Events that one call may bring."""
MAX_PAYLOAD = 2_000


async def place_of(world: World, participant: ParticipantRow) -> Place:
    """Where the participant stands in their version of the study."""
    bundle = await world.studies.version(participant.study_hash)
    steps = itinerary(
        bundle.study,
        condition=participant.condition,
        scenario_order=orjson.loads(participant.scenario_order),
    )
    return Place(participant=participant, bundle=bundle, steps=steps)


async def show(world: World, participant: ParticipantRow) -> dict[str, Any]:
    """The answer of `GET /api/me`: the current step, with everything it needs."""
    if participant.status == ParticipantStatus.WITHDRAWN:
        return _end_of(participant, "withdrawn", title="You have withdrawn", body="")
    place = await place_of(world, participant)
    step = place.step
    if isinstance(step.definition, JudgingStep) and not await has_hold(world.database, participant.id, step.definition):
        return _end_of(participant, "passed_on", title="Your place was given to somebody else", body=_passed_on(place))
    shown: dict[str, Any] = {
        "id": step.id,
        "kind": step.kind,
        "content": await KINDS[step.kind].content(world, place),
    }
    if step.round is not None:
        shown["round"] = step.round
    await _remember_visit(world, place)
    total = len(place.steps) if place.is_allocated else None
    return {
        "participant_id": participant.id,
        "study": participant.slug,
        "status": participant.status,
        "step": shown,
        "progress": {"index": participant.position + 1, "total": total},
    }


def _end_of(participant: ParticipantRow, step_id: str, *, title: str, body: str) -> dict[str, Any]:
    """What somebody is shown who cannot go on."""
    return {
        "participant_id": participant.id,
        "study": participant.slug,
        "status": participant.status,
        "step": {"id": step_id, "kind": "end", "content": {"title": title, "body": body}},
        "progress": {"index": 1, "total": 1},
    }


def _passed_on(place: Place) -> str:
    contact = place.bundle.study.contact
    return f"{PASSED_ON} What you sent before is kept. If this is a mistake, please write to {contact}."


async def take(world: World, participant: ParticipantRow, step_id: str, answers: Mapping[str, Any]) -> ParticipantRow:
    """Take the current step with `answers`; the participant as they then stand.

    Raises `Withdrawn`, `NotCurrentStep`, `InvalidAnswer` or `NotReady`; then nothing has changed.
    """
    if participant.status == ParticipantStatus.WITHDRAWN:
        raise Withdrawn(GONE)
    place = await place_of(world, participant)
    if step_id != place.step.id:
        raise NotCurrentStep("This step is not the one you are at.")
    kind = KINDS[place.step.kind]
    stored = await kind.check(world, place, answers)
    await _remember_visit(world, place)
    async with world.database.writing() as session:
        await _advance(world, session, place, stored)
        moved = await session.get_one(ParticipantRow, participant.id)
    with suppress(LogUnavailable, *STORAGE_FAULTS):  # taken is taken; a sweep closes what it could not
        await kind.leave(world, place)
    return moved


async def _advance(world: World, session: AsyncSession, place: Place, answers: Sequence[Answer]) -> None:
    """Store the answers and go one step on, all or nothing; only one of two equal calls gets through."""
    now = world.now()
    at = place.participant.position
    await _claim(session, place)
    values: dict[str, Any] = {}
    definition = place.step.definition
    if isinstance(definition, JudgingStep):
        await keep_hold(session, place.participant.id, definition)
    if isinstance(definition, PageStep) and definition.consent:
        drawn = await world.participants.allocate(session, place.participant, place.bundle)
        for step in _judging_steps(place.bundle.study, drawn.condition):
            await give(session, place.participant, place.bundle, step=step, now=now, time_scale=world.time_scale)
        values |= {
            "consented_at": now,
            "condition": drawn.condition,
            "scenario_order": dump(drawn.scenario_order),
            "time_factor": next((float(a.value) for a in answers if a.item == TIME_FACTOR), 1.0),
        }
    elif place.is_allocated and place.steps[at + 1].kind == "end":
        values |= {"status": ParticipantStatus.COMPLETE.value, "finished_at": now}
    if values:
        mine = update(ParticipantRow).where(col(ParticipantRow.id) == place.participant.id)
        await session.exec(mine.values(values))
    session.add_all(_response(place, answer, at=now) for answer in answers)
    visit = await session.get_one(VisitRow, (place.participant.id, place.step.id))
    visit.taken_at = now
    session.add(visit)


def _judging_steps(study: Study, condition: str) -> list[JudgingStep]:
    """The steps of a condition in which people judge conversations, each once."""
    steps = [step for step in study.definitions if isinstance(step, JudgingStep)]
    return [step for step in steps if step.conditions is None or condition in step.conditions]


async def _claim(session: AsyncSession, place: Place) -> None:
    """Leave the step before anything else is written: an equal call at the same time waits here, and is refused."""
    query = update(ParticipantRow).where(
        col(ParticipantRow.id) == place.participant.id,
        col(ParticipantRow.position) == place.participant.position,
        col(ParticipantRow.status) == ParticipantStatus.ACTIVE.value,
    )
    if (await session.exec(query.values(position=place.participant.position + 1))).rowcount != 1:
        raise NotCurrentStep("This step has been taken already.")


def _response(place: Place, answer: Answer, *, at: int) -> ResponseRow:
    return ResponseRow(
        participant_id=place.participant.id,
        step_id=place.step.id,
        round=place.step.round,
        instrument=answer.instrument,
        item=answer.item,
        value=answer.value,
        answered_at=at,
    )


async def _remember_visit(world: World, place: Place) -> None:
    key = (place.participant.id, place.step.id)
    async with world.database.reading() as session:
        if await session.get(VisitRow, key) is not None:
            return
    try:
        async with world.database.writing() as session:
            session.add(VisitRow(participant_id=key[0], step_id=key[1], shown_at=world.now()))
    except IntegrityError:  # shown in two tabs in the same instant
        pass


async def note_activities(world: World, participant: ParticipantRow, events: Sequence[Mapping[str, Any]]) -> None:
    """Keep what somebody did on a page, stamped by the server's clock. Raises `InvalidAnswer` or `Withdrawn`."""
    if participant.status == ParticipantStatus.WITHDRAWN:
        raise Withdrawn(GONE)
    if len(events) > MAX_ACTIVITIES:
        raise InvalidAnswer(f"At most {MAX_ACTIVITIES} events at once.", item="events")
    rows = [_activity(participant.id, event, at=world.now()) for event in events]
    async with world.database.writing() as session:
        if await has_withdrawn(session, participant.id):
            raise Withdrawn(GONE)
        session.add_all(rows)


def _activity(participant_id: str, event: Mapping[str, Any], *, at: int) -> ActivityRow:
    kind, client_at, step, payload = (event.get(name) for name in ("kind", "at_ms", "step", "payload"))
    if not isinstance(kind, str) or kind not in ACTIVITY_KINDS:
        raise InvalidAnswer("This kind of event is not known.", item="kind")
    if isinstance(client_at, bool) or not isinstance(client_at, int) or not 0 <= client_at < 2**53:
        raise InvalidAnswer("`at_ms` must be Unix milliseconds.", item="at_ms")
    if not isinstance(step, str) or len(step) > 100 or not is_storable(step):
        raise InvalidAnswer("`step` must be the id of a step.", item="step")
    return ActivityRow(
        participant_id=participant_id, step_id=step, kind=kind, at=at, client_at=client_at, payload=_payload(payload)
    )


def _payload(payload: object) -> str:
    try:
        text = orjson.dumps(payload if payload is not None else {}).decode()
    except orjson.JSONEncodeError:  # a number or character that JSON cannot hold
        text = ""
    if not isinstance(payload, dict | None) or not 0 < len(text) <= MAX_PAYLOAD:
        raise InvalidAnswer("`payload` must be a small object.", item="payload")
    return text
