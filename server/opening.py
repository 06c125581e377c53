"""Opening and closing a world: database, studies, models, dialogues and jobs, each once what it needs is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog

from core.errors import Withdrawn
from core.participant import ParticipantStatus
from core.transcript import Role
from personas.bank import load_bank
from server.counterparts import Counterparts
from server.dialogues import Dialogues
from server.engine import place_of
from server.jobs import Jobs
from server.ledger import DatabaseLedger
from server.limiter import LOGINS, AddressLimiter
from server.live import Hub
from server.models import models_from_settings
from server.participants import Participants
from server.practice import practice_bundle
from server.presence import Presence, process_name
from server.scoring.scorer import Scorer
from server.settings import Settings
from server.steps.coach import COACH_RULES
from server.storage.database import Database
from server.storage.keeper import kept
from server.storage.log import Log
from server.storage.migrate import migrate
from server.storage.probe import Probe
from server.storage.secrets import own_secret
from server.storage.signs import SignsOfLife
from server.storage.tables import DialogueRow, ParticipantRow
from server.studies import Studies
from server.times import Now, now_ms
from server.withdrawal import settle_withdrawals
from server.work import Work
from server.world import World

log = structlog.get_logger()


@asynccontextmanager
async def open_world(settings: Settings, *, now: Now = now_ms, takes_judgements: bool = False) -> AsyncIterator[World]:
    """The world of a server: database migrated, studies loaded, jobs running. Raises `Unusable` or `Faults`.

    `takes_judgements`: whether this process works on the scoring of whole studies, too.
    """
    database = Database(settings.database_url)
    try:
        await migrate(database)
        secret = await own_secret(database, "secret_key")
        salt = await own_secret(database, "salt")
        ledger = DatabaseLedger(database)
        personas = load_bank()
        studies = Studies(database, now=now)
        await studies.load(settings.studies, scenarios=frozenset(personas))
        await studies.add(practice_bundle(personas))
        dialogue_log = Log(database)
        world = World(
            settings=settings,
            now=now,
            database=database,
            secret_key=secret,
            ledger=ledger,
            personas=personas,
            studies=studies,
            log=dialogue_log,
            models=models_from_settings(ledger, time_scale=settings.time_scale),
            participants=Participants(database, now=now, pilot=settings.is_rehearsal, salt=salt),
            dialogues=Dialogues(database, dialogue_log, now=now),
            login_limiter=AddressLimiter(LOGINS),
            entry_limiter=AddressLimiter(settings.entries_per_address),
        )
        _connect(world, takes_judgements=takes_judgements)
        async with kept(database), _running(world):
            yield world
    finally:
        await database.close()


def _connect(world: World, *, takes_judgements: bool) -> None:
    counterparts = Counterparts(
        world.models,
        world.personas,
        bundle_of=world.bundle_of,
        feedback_of=world.feedback_of,
        conversation_of=world.conversation_of,
    )
    process = process_name()
    world.hub = Hub(
        log=world.log,
        signs=SignsOfLife(world.database, process),
        find=world.dialogues.row,
        counterparts=counterparts,
        now=world.now,
        time_scale=world.time_scale,
        on_closed=partial(_on_closed, world),
        on_alert=_on_alert,
        on_appended=lambda dialogue_id: world.presence.tell(dialogue_id),
        process=process,
        is_dead=lambda name: world.presence.is_dead(name),
    )
    world.presence = Presence(
        world.database,
        "" if world.database.is_sqlite else process,
        on_word=world.hub.look,
        on_silence=world.hub.look_everywhere,
    )
    world.probe = Probe(world.database)
    world.jobs = Jobs(
        Work(world),
        world.presence,
        database_url=world.database.url,
        settle_withdrawals=partial(settle_withdrawals, world),
        scorer=Scorer(world.database, world.ledger, now=world.now),
        takes_judgements=takes_judgements,
        time_scale=world.time_scale,
    )


@asynccontextmanager
async def _running(world: World) -> AsyncIterator[None]:
    world.log.start()
    world.ledger.start()
    await world.presence.start()
    await world.hub.start()
    await world.jobs.launch()
    try:
        yield
    finally:
        await world.jobs.stop()
        await world.hub.stop()
        await world.presence.stop()
        await world.log.stop()
        await world.ledger.stop()
        await world.models.aclose()


async def _on_closed(world: World, row: DialogueRow) -> None:
    """A dialogue has ended: have a conversation scored, and its coach, if there is one, begin to read."""
    if row.counterpart != Role.SEEKER.value:
        return
    async with world.database.reading() as session:
        participant = await session.get_one(ParticipantRow, row.participant_id)
    if participant.status == ParticipantStatus.WITHDRAWN:
        return
    with suppress(Withdrawn):  # in this instant: nothing is made of the conversation any more
        coach_dialogue = await _open_coach(world, row, participant)
        if coach_dialogue is not None:
            await world.jobs.give_feedback(coach_dialogue)
        await world.jobs.score(row.id)


async def _open_coach(world: World, row: DialogueRow, participant: ParticipantRow) -> str | None:
    place = await place_of(world, participant)
    for step in place.steps:
        if step.kind == "coach" and step.round == row.round:
            return await world.dialogues.open(place, COACH_RULES, step=step)
    return None


def _on_alert(row: DialogueRow) -> None:
    """Somebody wrote of harming themselves: the desk shows it; the log says where, not what."""
    log.warning("support needed", dialogue=row.id)
