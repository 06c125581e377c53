"""Raters and the studies they rate in: an account is one participant in each, and nobody else comes in by its place."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from core.bundle import StudyBundle
from core.errors import Forbidden, NotFound
from core.participant import ParticipantStatus
from core.study import Entry as StudyEntry
from server.access import account_of, remember_token, world_of
from server.desk.accounts import DeskRole
from server.desk.frame import LoginNeeded
from server.engine import place_of
from server.participants import ACCOUNT, Entry
from server.storage.tables import AccountRow, ParticipantRow
from server.world import World

QUEUES = "/desk/queues"
SOURCE = "desk"


async def rater_in(request: Request, bundle: StudyBundle) -> ParticipantRow | None:
    """Who the rater that is logged in is in this study; None before they have begun.

    Raises `LoginNeeded`, or `Forbidden` for other accounts.
    """
    account = await account_of(request)
    if account is None:
        raise LoginNeeded(QUEUES)
    if account.role != DeskRole.RATER:
        raise Forbidden("Only accounts of raters take part in this study.")
    return await world_of(request).participants.known(bundle.slug, ACCOUNT + account.name)


async def begin(request: Request, account: AccountRow, slug: str) -> None:
    """Let the rater into the study, or back to where they were. Raises `NotFound` when it is not for raters."""
    world = world_of(request)
    bundle = world.studies.current(slug)
    if bundle.study.entry is not StudyEntry.RATERS:
        raise NotFound("There is nothing to rate here.")
    entry = Entry(external_id=ACCOUNT + account.name, source=SOURCE)
    admission = await world.participants.enter(bundle, entry)
    remember_token(request, slug, admission.token)


async def queues_shown(world: World, account: AccountRow) -> list[dict[str, Any]]:
    """Every study for raters, with how far this one has come."""
    bundles = [b for _, b in sorted(world.studies.offered.items()) if b.study.entry is StudyEntry.RATERS]
    return [await _queue_shown(world, bundle, account) for bundle in bundles]


async def _queue_shown(world: World, bundle: StudyBundle, account: AccountRow) -> dict[str, Any]:
    participant = await world.participants.known(bundle.slug, ACCOUNT + account.name)
    shown = {
        "title": bundle.study.title,
        "summary": bundle.study.summary,
        "contact": bundle.study.contact,
        "url": f"{QUEUES}/{bundle.slug}",
        "state": "new",
        "done": 0,
        "trials": 0,
    }
    if participant is None:
        return shown
    state = {ParticipantStatus.COMPLETE: "complete", ParticipantStatus.WITHDRAWN: "withdrawn"}
    steps = (await place_of(world, participant)).steps
    trials = [index for index, step in enumerate(steps) if step.trial is not None]
    return shown | {
        "state": state.get(ParticipantStatus(participant.status), "begun"),
        "done": sum(index < participant.position for index in trials),
        "trials": len(trials),
    }
