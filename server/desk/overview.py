"""What the desk shows of studies: counts, the funnel of conditions and steps, running dialogues and alerts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlmodel import col, select

from core.bundle import StudyBundle
from core.dialogue import Dialogue
from core.errors import DamagedLog
from core.itinerary import itinerary
from core.participant import ParticipantStatus
from core.transcript import Role
from server.practice import SLUG as PRACTICE
from server.storage.signs import last_signs
from server.storage.tables import (
    AllocationRow,
    DialogueRow,
    EventRow,
    ParticipantRow,
    SeenAlertRow,
    StudyVersionRow,
)
from server.summary import served_until
from server.times import iso
from server.work import CLOSED
from server.world import World

ALERT = "wrote words about self-harm; help lines were shown"
SHORT = 8


def short(participant_id: str) -> str:
    """The end of an id: enough to tell people apart on a page."""
    return participant_id[-SHORT:]


async def studies_shown(world: World) -> list[dict[str, Any]]:
    """Every study with its counts."""
    return [
        await _study_card(world, bundle) for slug, bundle in sorted(world.studies.offered.items()) if slug != PRACTICE
    ]


async def _study_card(world: World, bundle: StudyBundle) -> dict[str, Any]:
    people = await _participants(world, bundle.slug)
    states = Counter(person.status for person in people)
    running = await _open_dialogues(world, bundle.slug)
    return {
        **await study_shown(world, bundle),
        "url": f"/desk/studies/{bundle.slug}",
        "participants": len(people),
        **{status.value: states[status.value] for status in ParticipantStatus},
        "pilots": sum(person.pilot for person in people),
        "running": sum(row.counterpart == Role.SEEKER for row in running),
        "alerts": sum(alert["open"] for alert in await _alerts(world, bundle.slug)),
    }


async def study_shown(world: World, bundle: StudyBundle) -> dict[str, Any]:
    """A study's title, link and version."""
    async with world.database.reading() as session:
        version = await session.get_one(StudyVersionRow, bundle.hash)
    return {
        "slug": bundle.slug,
        "title": bundle.study.title,
        "summary": bundle.study.summary,
        "contact": bundle.study.contact,
        "link": f"/s/{bundle.slug}",
        "frozen": version.frozen_at is not None,
        "hash": bundle.hash,
    }


async def live_shown(world: World, bundle: StudyBundle) -> dict[str, Any]:
    """What changes while a study runs."""
    people = await _participants(world, bundle.slug)
    conditions = {person.id: person.condition or "" for person in people}
    running = await _open_dialogues(world, bundle.slug)
    async with world.database.reading() as session:
        alive_at = await last_signs(session)
    return {
        "at": iso(world.now()),
        "conditions": list(bundle.study.conditions),
        "funnel": funnel(bundle, people),
        "alerts": await _alerts(world, bundle.slug),
        "conversations": [
            await _dialogue_shown(world, row, conditions.get(row.participant_id, ""), alive_at=alive_at)
            for row in running
        ],
    }


def funnel(bundle: StudyBundle, people: Sequence[ParticipantRow]) -> list[dict[str, Any]]:
    """How many of each condition have reached each step, and how many stand there; None where it is not theirs."""
    study = bundle.study
    itineraries = {c: itinerary(study, condition=c, scenario_order=study.scenarios) for c in study.conditions}
    paths = {condition: [step.id for step in steps] for condition, steps in itineraries.items()}
    kinds = {step.id: step.kind for steps in itineraries.values() for step in steps}
    here: dict[str, Counter[str]] = defaultdict(Counter)
    reached: dict[str, Counter[str]] = defaultdict(Counter)
    for person in people:
        path = paths.get(person.condition or "", [])
        for step in path[: person.position + 1]:
            reached[step][person.condition or ""] += 1
        if person.status == ParticipantStatus.ACTIVE and person.position < len(path):
            here[path[person.position]][person.condition or ""] += 1
    return [
        {
            "step": step,
            "kind": kinds[step],
            "here": dict(here[step]),
            "reached": {c: reached[step][c] if step in paths[c] else None for c in study.conditions},
        }
        for step in _merged(list(paths.values()))
    ]


def _merged(paths: Sequence[Sequence[str]]) -> list[str]:
    """All steps of several paths in one order that keeps the order of each."""
    merged: list[str] = []
    for path in sorted(paths, key=len, reverse=True):
        place = 0
        for step in path:
            if step in merged:
                place = merged.index(step) + 1
            else:
                merged.insert(place, step)
                place += 1
    return merged


async def allocation_shown(world: World, bundle: StudyBundle) -> dict[str, Any]:
    """How many of each condition were drawn; the seed stays concealed."""
    async with world.database.reading() as session:
        drawn = (
            await session.exec(select(AllocationRow.condition).where(AllocationRow.study_hash == bundle.hash))
        ).all()
    counts = Counter(drawn)
    return {
        "seed": None,
        "block_sizes": list(bundle.study.allocation.block_sizes),
        "drawn": len(drawn),
        "by_condition": {condition: counts[condition] for condition in bundle.study.conditions},
    }


async def _participants(world: World, slug: str) -> Sequence[ParticipantRow]:
    async with world.database.reading() as session:
        query = select(ParticipantRow).where(ParticipantRow.slug == slug, col(ParticipantRow.condition).is_not(None))
        return (await session.exec(query)).all()


async def _open_dialogues(world: World, slug: str) -> Sequence[DialogueRow]:
    query = (
        select(DialogueRow)
        .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
        .where(
            ParticipantRow.slug == slug,
            ParticipantRow.status == ParticipantStatus.ACTIVE.value,
            col(DialogueRow.id).not_in(CLOSED),
        )
        .order_by(DialogueRow.id)
    )
    async with world.database.reading() as session:
        return (await session.exec(query)).all()


async def _dialogue_shown(
    world: World, row: DialogueRow, condition: str, *, alive_at: Mapping[str, int]
) -> Mapping[str, Any]:
    state, now, is_damaged = Dialogue(), world.now(), False
    try:
        state = await world.dialogues.state(row.id)
    except DamagedLog:
        is_damaged = True
    clock, until = state.clock, served_until(state, alive_at, now=now)
    return {
        "participant": short(row.participant_id),
        "condition": condition,
        "round": row.round,
        "scenario": row.scenario or "",
        "kind": "coach" if row.counterpart == Role.COACH else "conversation",
        "remaining_s": None if clock is None else clock.remaining(until) / 1000,
        "running": clock is not None and clock.running and until == now,
        "paused_by": sorted(cause.value for cause in clock.paused_by) if clock is not None else [],
        "messages": len(state.messages),
        "is_damaged": is_damaged,
        "url": f"/desk/dialogues/{row.id}",
    }


async def see_alert(world: World, dialogue_id: str, seq: int, *, account: str) -> None:
    """Note that somebody at the desk has seen an alert; seeing it twice changes nothing."""
    async with world.database.writing() as session:
        if await session.get(SeenAlertRow, (dialogue_id, seq)) is None:
            session.add(SeenAlertRow(dialogue_id=dialogue_id, seq=seq, account=account, seen_at=world.now()))


async def _alerts(world: World, slug: str) -> list[dict[str, Any]]:
    """Alerts of the study, the newest first; one is open until somebody at the desk has seen it."""
    query = (
        select(EventRow, DialogueRow.participant_id, SeenAlertRow.account)
        .join(DialogueRow, col(DialogueRow.id) == col(EventRow.dialogue_id))
        .outerjoin(
            SeenAlertRow,
            (col(SeenAlertRow.dialogue_id) == col(EventRow.dialogue_id)) & (col(SeenAlertRow.seq) == col(EventRow.seq)),
        )
        .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
        .where(EventRow.kind == "alerted", ParticipantRow.slug == slug)
        .order_by(col(EventRow.at).desc())
    )
    async with world.database.reading() as session:
        found = (await session.exec(query)).all()
    return [
        {
            "at": iso(event.at),
            "participant": short(participant_id),
            "text": ALERT,
            "url": f"/desk/dialogues/{event.dialogue_id}#seq-{orjson.loads(event.payload)['seq']}",
            "seen_url": f"/desk/dialogues/{event.dialogue_id}/alerts/{event.seq}/seen",
            "open": seen_by is None,
        }
        for event, participant_id, seen_by in found
    ]
