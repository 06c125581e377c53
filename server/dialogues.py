"""The dialogues of participants: opening them, finding them, and reading what their logs tell."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from uuid_utils.compat import uuid7

from core.dialogue import Dialogue, Open, Reply, decide, evolve, fold
from core.errors import DamagedLog, NotFound, Withdrawn
from core.events import Entry, Opened
from core.itinerary import Step
from core.text import is_storable
from core.transcript import Role
from server.participants import GONE, has_withdrawn
from server.place import Place
from server.storage.database import Database
from server.storage.log import Log, row_of
from server.storage.tables import DialogueRow, EventRow
from server.times import Now


class Dialogues:
    """Rows and logs of dialogues; what is going on in them right now is in `server.live`."""

    def __init__(self, database: Database, log: Log, *, now: Now) -> None:
        self._database = database
        self._log = log
        self._now = now

    async def open(
        self, place: Place, rules: Opened, *, first_message: str | None = None, step: Step | None = None
    ) -> str:
        """The id of the dialogue of the place's step (or of `step`), opened under `rules` the first time.

        Where the counterpart's `first_message` is known, it is stored with the opening. Raises `Withdrawn` instead of
        opening one for who has gone.
        """
        step = step or place.step
        found = await self._find(place.participant.id, step.id)
        return (found or await self._opened(place, step, rules, first_message)).id

    async def row(self, dialogue_id: str) -> DialogueRow:
        """Raises `NotFound`."""
        async with self._database.reading() as session:
            row = await session.get(DialogueRow, dialogue_id) if is_storable(dialogue_id) else None
        if row is None:
            raise NotFound("There is no such dialogue.")
        return row

    async def state(self, dialogue_id: str) -> Dialogue:
        """What the log says."""
        return fold(await self._log.read(dialogue_id))

    async def is_open(self, dialogue_id: str) -> bool:
        """Whether it can still go on: a damaged one cannot."""
        try:
            return (await self.state(dialogue_id)).is_open
        except DamagedLog:
            return False

    async def at(self, place: Place) -> DialogueRow | None:
        """The dialogue of the place's step; None before it was first shown."""
        return await self._find(place.participant.id, place.step.id)

    async def of_participant(self, participant_id: str) -> list[DialogueRow]:
        """All dialogues of a participant, in the order in which they were opened."""
        async with self._database.reading() as session:
            query = select(DialogueRow).where(DialogueRow.participant_id == participant_id).order_by(DialogueRow.id)
            return list((await session.exec(query)).all())

    async def conversation_shown(self, coach_dialogue_id: str) -> list[dict[str, Any]]:
        """The messages of the conversation that a coach dialogue is about; none of a damaged one."""
        row = await self.row(coach_dialogue_id)
        if row.about is None:
            return []
        try:
            messages = (await self.state(row.about)).messages
        except DamagedLog:
            return []
        return [{"role": message.role.value, "text": message.text} for message in messages]

    async def _opened(self, place: Place, step: Step, rules: Opened, first_message: str | None) -> DialogueRow:
        """A new dialogue. Nobody ever finds one without its opening, into whose log nothing could be said."""
        made = DialogueRow(
            id=str(uuid7()),
            participant_id=place.participant.id,
            step_id=step.id,
            round=step.round,
            counterpart=rules.counterpart.value,
            scenario=step.scenario,
            about=await self._conversation_of(place, step) if rules.counterpart is Role.COACH else None,
        )
        entries = _opening(rules, first_message, now=self._now())
        with suppress(IntegrityError):  # another request has opened it in the same instant
            async with self._database.writing() as session:
                if await has_withdrawn(session, made.participant_id):
                    raise Withdrawn(GONE)
                session.add(made)
                await session.flush()
                session.add_all(EventRow(**row_of(made.id, entry)._asdict()) for entry in entries)
        row = await self._find(place.participant.id, step.id)
        assert row is not None  # noqa: S101 - it was just stored
        return row

    async def _conversation_of(self, place: Place, step: Step) -> str | None:
        """The conversation of the same round."""
        for other in place.steps:
            if other.kind == "conversation" and other.round == step.round:
                row = await self._find(place.participant.id, other.id)
                return row.id if row is not None else None
        return None

    async def _find(self, participant_id: str, step_id: str) -> DialogueRow | None:
        async with self._database.reading() as session:
            query = select(DialogueRow).where(
                DialogueRow.participant_id == participant_id, DialogueRow.step_id == step_id
            )
            return (await session.exec(query)).first()


def _opening(rules: Opened, first_message: str | None, *, now: int) -> list[Entry]:
    entries = list(decide(Dialogue(), Open(rules), now))
    if first_message is not None:
        opened = evolve(Dialogue(), entries[0])
        entries += decide(opened, Reply(first_message, {"model": "persona"}), now)
    return entries
