"""Everything a running server works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.bundle import StudyBundle
from core.transcript import Transcript
from llm.models import Models
from llm.request import ModelRole
from llm.rules import is_rules
from personas.persona import Persona
from server.dialogues import Dialogues
from server.jobs import Jobs
from server.ledger import DatabaseLedger
from server.limiter import AddressLimiter
from server.live import Hub
from server.participants import Participants
from server.presence import Presence
from server.settings import Settings
from server.storage.database import Database
from server.storage.log import Log
from server.storage.probe import Probe
from server.storage.tables import DialogueRow, FeedbackRow, ParticipantRow
from server.studies import Studies
from server.times import Now

MOST_REMEMBERED = 50_000
"""Participants whose study version is kept at hand."""


@dataclass
class World:
    """The parts of one server process, in the order in which `server.opening` makes them."""

    settings: Settings
    now: Now
    database: Database
    secret_key: str
    ledger: DatabaseLedger
    personas: Mapping[str, Persona]
    studies: Studies
    log: Log
    models: Models
    participants: Participants
    dialogues: Dialogues
    login_limiter: AddressLimiter
    entry_limiter: AddressLimiter
    hub: Hub = field(init=False)
    presence: Presence = field(init=False)
    probe: Probe = field(init=False)
    jobs: Jobs = field(init=False)
    _hash_of: dict[str, str] = field(init=False, default_factory=dict)
    """The study version of participants; it never changes."""

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
