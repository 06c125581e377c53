"""Everything a running server works with, opened and closed in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from core.bundle import StudyBundle
from core.participant import ParticipantStatus
from core.transcript import Role, Transcript
from llm.models import Models
from llm.request import ModelRole
from llm.rules import is_rules
from personas.bank import load_bank
from personas.persona import Persona
from server.counterparts import Counterparts
from server.dialogues import Dialogues
from server.jobs import Jobs
from server.ledger import DatabaseLedger
from server.limiter import LoginLimiter
from server.live import Hub
from server.models import models_from_settings
from server.participants import Participants
from server.practice import practice_bundle
from server.presence import Presence, process_name
from server.settings import Settings
from server.storage.database import Database
from server.storage.log import Log
from server.storage.migrate import migrate
from server.storage.probe import Probe
from server.storage.secrets import own_secret
from server.storage.tables import DialogueRow, FeedbackRow, ParticipantRow
from server.studies import Studies
from server.times import Now, now_ms
from server.withdrawal import settle_withdrawals
from server.work import Work

MOST_REMEMBERED = 50_000
"""Participants whose study version is kept at hand."""

log = structlog.get_logger()


@dataclass
class World:
    """The parts of one server process. Built by `open_world`; the fields stand in the order in which they open."""

    settings: Settings
    now: Now
    database: Database
    secret_key: str
    log: Log
    ledger: DatabaseLedger
    models: Models
    personas: Mapping[str, Persona]
    studies: Studies
    participants: Participants
    dialogues: Dialogues
    login_limiter: LoginLimiter
    presence: Presence = field(init=False)
    hub: Hub = field(init=False)
    jobs: Jobs = field(init=False)
    _hash_of: dict[str, str] = field(init=False, default_factory=dict)
    """The study version of participants; it never changes."""
    probe: Probe = field(init=False)

    @property
    def time_scale(self) -> float:
        return self.settings.time_scale

    @property
    def judge_model(self) -> str:
        return self.models.health()[ModelRole.JUDGE].model

    @property
    def uses_rules(self) -> bool:
        """Whether any reply, feedback or score here comes from the rules provider, which is no model."""
        shown = (ModelRole.SEEKER, ModelRole.COACH, ModelRole.JUDGE)
        states = self.models.health()
        return any(is_rules(states[role].model) for role in shown)

    async def bundle_of(self, row: DialogueRow) -> StudyBundle:
        """The study version of the participant whose dialogue it is."""
        if row.participant_id not in self._hash_of:
            async with self.database.reading() as session:
                self.remember(await session.get_one(ParticipantRow, row.participant_id))
        return await self.studies.version(self._hash_of[row.participant_id])

    def remember(self, participant: ParticipantRow) -> None:
        """Keep at hand which version a participant is in, so that no live reply waits for a query."""
        if len(self._hash_of) >= MOST_REMEMBERED:
            self._hash_of.clear()
        self._hash_of[participant.id] = participant.study_hash

    async def transcript_of(self, row: DialogueRow) -> Transcript:
        """A conversation with the seeker as a transcript."""
        state = await self.dialogues.state(row.id)
        return Transcript(id=row.id, messages=state.transcript, scenario=row.scenario)

    async def conversation_of(self, row: DialogueRow) -> Transcript:
        """The transcript of the conversation that a coach dialogue is about; empty when there was none."""
        if row.about is None:
            return Transcript(id=row.id, messages=())
        return await self.transcript_of(await self.dialogues.row(row.about))

    async def feedback_of(self, dialogue_id: str) -> FeedbackRow | None:
        async with self.database.reading() as session:
            return await session.get(FeedbackRow, dialogue_id)

    async def on_closed(self, row: DialogueRow) -> None:
        """A dialogue has ended: have a conversation scored, and its coach, if there is one, begin to read."""
        if row.counterpart != Role.SEEKER.value:
            return
        async with self.database.reading() as session:
            participant = await session.get_one(ParticipantRow, row.participant_id)
        if participant.status == ParticipantStatus.WITHDRAWN:
            return
        coach_dialogue = await self._open_coach(row, participant)
        if coach_dialogue is not None:
            await self.jobs.give_feedback(coach_dialogue)
        await self.jobs.score(row.id)

    async def _open_coach(self, row: DialogueRow, participant: ParticipantRow) -> str | None:
        from server.engine import place_of
        from server.steps.coach import COACH_RULES

        place = await place_of(self, participant)
        for step in place.steps:
            if step.kind == "coach" and step.round == row.round:
                return await self.dialogues.open(place, COACH_RULES, step=step)
        return None

    def on_alert(self, row: DialogueRow) -> None:
        """Somebody wrote of harming themselves: the desk shows it; the log says where, not what."""
        log.warning("support needed", dialogue=row.id)


@asynccontextmanager
async def open_world(settings: Settings, *, now: Now = now_ms) -> AsyncIterator[World]:
    """The world of a server: database migrated, studies loaded, jobs running. Raises `Unusable` or `Faults`."""
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
            log=dialogue_log,
            ledger=ledger,
            models=models_from_settings(ledger, time_scale=settings.time_scale),
            personas=personas,
            studies=studies,
            participants=Participants(database, now=now, pilot=settings.is_rehearsal, salt=salt),
            dialogues=Dialogues(database, dialogue_log, now=now),
            login_limiter=LoginLimiter(),
        )
        _connect(world)
        async with _running(world):
            yield world
    finally:
        await database.close()


def _connect(world: World) -> None:
    counterparts = Counterparts(
        world.models,
        world.personas,
        bundle_of=world.bundle_of,
        feedback_of=world.feedback_of,
        conversation_of=world.conversation_of,
    )
    process = "" if world.database.is_sqlite else process_name()
    world.hub = Hub(
        log=world.log,
        find=world.dialogues.row,
        counterparts=counterparts,
        now=world.now,
        time_scale=world.time_scale,
        on_closed=world.on_closed,
        on_alert=world.on_alert,
        on_appended=lambda dialogue_id: world.presence.tell(dialogue_id),
        process=process,
        is_dead=lambda name: world.presence.is_dead(name),
    )
    world.presence = Presence(world.database, process, on_word=world.hub.look, on_silence=world.hub.look_everywhere)
    world.probe = Probe(world.database)
    world.jobs = Jobs(
        Work(world),
        world.presence,
        database_url=world.database.url,
        settle_withdrawals=lambda: settle_withdrawals(world),
        time_scale=world.time_scale,
    )


@asynccontextmanager
async def _running(world: World) -> AsyncIterator[None]:
    world.log.start()
    world.ledger.start()
    await world.presence.start()
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
