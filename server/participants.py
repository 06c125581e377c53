"""Participants: how they enter, how they are known again, and how they are allocated."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from core.allocation import Allocation, allocate
from core.bundle import StudyBundle
from core.errors import AlreadyStarted, InvalidAnswer, NotAuthenticated
from core.participant import ParticipantStatus
from core.study import Entry as StudyEntry
from server.storage.database import Database
from server.storage.tables import AllocationRow, ParticipantRow, StudyVersionRow, TokenRow
from server.times import Now

MAX_ID = 200
"""Characters of what a recruiting platform calls somebody; more is no id."""
GONE = "You have withdrawn from this study; nothing more is stored."
FORGOTTEN = "withdrawn:"
"""Begins what stands in place of the external id of who withdrew."""

DOUBLE_CLICK_MS = 60_000
"""How long a form that is sent again counts as clicked twice; its cookie stays in a browser that others use next."""

ACCOUNT = "account:"
"""Begins the external id of a rater, who comes in by an account of the desk; its name follows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where somebody came from, as the recruiting platform says it."""

    external_id: str | None = None
    session_id: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """A participant's place, with a fresh token that opens it."""

    participant_id: str
    token: str
    resumed: bool


class Participants:
    """Entering, knowing again, allocating. Tokens cannot be guessed and are kept as hashes only."""

    def __init__(self, database: Database, *, now: Now, pilot: bool, salt: str) -> None:
        self._database = database
        self._now = now
        self._pilot = pilot
        self._salt = salt

    async def enter(
        self, bundle: StudyBundle, entry: Entry, *, token: str | None = None, form: str | None = None
    ) -> Admission:
        """Admit a newcomer, or let somebody back in who is known by external id, by `token`, or by `form`: the same one
        admitted them less than a minute ago.

        Raises `AlreadyStarted` when the external id has entered with another session id and no token proves that it is
        the same browser.
        """
        _check_entry(entry)
        try:
            return await self._enter(bundle, entry, token=token, form=form)
        except IntegrityError:  # somebody entered with this external id, or by this form, in the same instant
            return await self._enter(bundle, entry, token=token, form=form)

    async def _enter(self, bundle: StudyBundle, entry: Entry, *, token: str | None, form: str | None) -> Admission:
        async with self._database.writing() as session:
            known = await self._find(session, bundle.slug, entry.external_id)
            if known is None:
                return await self._admit_once(session, bundle, entry, form=form)
            if known.session_id is not None and known.session_id != entry.session_id:
                holder = await _holder(session, token) if token else None
                if holder != known.id:
                    raise AlreadyStarted("This study was begun with this id already. Please go on in that browser.")
            return Admission(known.id, await self._issue(session, known.id), resumed=True)

    async def returning(self, bundle: StudyBundle, entry: Entry, *, token: str | None = None) -> Admission | None:
        """Let somebody back in who has been here; None for a newcomer, of whom nothing is stored.

        Raises `AlreadyStarted` as `enter` does.
        """
        _check_entry(entry)
        async with self._database.reading() as session:
            known = await self._find(session, bundle.slug, entry.external_id)
        return None if known is None else await self.enter(bundle, entry, token=token)

    def admits_anyone(self, bundle: StudyBundle) -> bool:
        """Whether the study's link is enough to take part; in rehearsals it always is."""
        return bundle.study.entry is StudyEntry.ANYONE or self._pilot

    async def known(self, slug: str, external_id: str) -> ParticipantRow | None:
        """Who has entered the study by this external id."""
        async with self._database.reading() as session:
            return await self._find(session, slug, external_id)

    async def practise(self, bundle: StudyBundle, scenario: str) -> Admission:
        """Admit somebody to practice: no consent, no allocation, never exported."""
        async with self._database.writing() as session:
            admission = await self._admit(session, bundle, Entry(source="practice"))
            participant = await session.get_one(ParticipantRow, admission.participant_id)
            participant.condition = bundle.study.conditions[0]
            participant.scenario_order = dump([scenario])
            participant.pilot = True
        return admission

    def is_same_person(self, known: ParticipantRow, entry: Entry) -> bool:
        """Whether the link somebody opened is the one they first came by, or one that names nobody."""
        if entry.external_id is None:
            return True
        return known.external_id in (entry.external_id, self.forgotten(entry.external_id))

    async def holder(self, token: str) -> ParticipantRow:
        """The participant whom `token` belongs to. Raises `NotAuthenticated`."""
        async with self._database.reading() as session:
            query = (
                select(ParticipantRow)
                .join(TokenRow, col(TokenRow.participant_id) == col(ParticipantRow.id))
                .where(TokenRow.hash == token_hash(token))
            )
            found = (await session.exec(query)).first()
        if found is None:
            raise NotAuthenticated("This link or token is not known here. Please open the study's link again.")
        return found

    async def allocate(self, session: AsyncSession, participant: ParticipantRow, bundle: StudyBundle) -> Allocation:
        """Draw the participant's condition and scenario order, in the caller's transaction."""
        version = await session.get_one(StudyVersionRow, bundle.hash)
        slot = await self._next_slot(session, bundle.hash, pilot=participant.pilot)
        study = bundle.study
        drawn = allocate(
            slot,
            seed=version.seed + (1 if participant.pilot else 0),
            conditions=study.conditions,
            block_sizes=study.allocation.block_sizes,
            scenarios=study.scenarios,
            rounds=study.rounds,
        )
        session.add(_allocation_row(participant, drawn, study_hash=bundle.hash, at=self._now()))
        return drawn

    async def _next_slot(self, session: AsyncSession, study_hash: str, *, pilot: bool) -> int:
        """The next slot of a version's sequence; the first that is no pilot's freezes the version."""
        slot = StudyVersionRow.next_pilot_slot if pilot else StudyVersionRow.next_slot
        values: dict[str, object] = {slot.key: slot + 1}  # type: ignore[attr-defined]
        if not pilot:
            values["frozen_at"] = func.coalesce(StudyVersionRow.frozen_at, self._now())
        query = (
            update(StudyVersionRow).where(col(StudyVersionRow.hash) == study_hash).values(values).returning(col(slot))
        )
        return int((await session.exec(query)).scalar_one()) - 1

    async def _find(self, session: AsyncSession, slug: str, external_id: str | None) -> ParticipantRow | None:
        if external_id is None:
            return None
        names = (external_id, self.forgotten(external_id))
        query = select(ParticipantRow).where(ParticipantRow.slug == slug, col(ParticipantRow.external_id).in_(names))
        return (await session.exec(query)).first()

    async def _admit(
        self, session: AsyncSession, bundle: StudyBundle, entry: Entry, *, form: str | None = None
    ) -> Admission:
        participant = ParticipantRow(
            id=str(uuid7()),
            slug=bundle.slug,
            study_hash=bundle.hash,
            external_id=entry.external_id,
            session_id=entry.session_id,
            source=entry.source,
            form=form,
            pilot=self._pilot,
            entered_at=self._now(),
        )
        session.add(participant)
        await session.flush()
        return Admission(participant.id, await self._issue(session, participant.id), resumed=False)

    async def _admit_once(
        self, session: AsyncSession, bundle: StudyBundle, entry: Entry, *, form: str | None
    ) -> Admission:
        """Admit a newcomer; who has clicked twice is the one whom the first click admitted."""
        if form is None:
            return await self._admit(session, bundle, entry)
        known_by = token_hash(f"{bundle.slug}/{form}")
        sent = (await session.exec(select(ParticipantRow).where(ParticipantRow.form == known_by))).first()
        if sent is not None and self._now() - sent.entered_at < DOUBLE_CLICK_MS:
            return Admission(sent.id, await self._issue(session, sent.id), resumed=True)
        if sent is not None:
            sent.form = None
            await session.flush()
        return await self._admit(session, bundle, entry, form=known_by)

    async def _issue(self, session: AsyncSession, participant_id: str) -> str:
        token = secrets.token_urlsafe(32)
        session.add(TokenRow(hash=token_hash(token), participant_id=participant_id, issued_at=self._now()))
        return token

    def forgotten(self, external_id: str) -> str:
        """What stands in place of the external id of who withdrew: enough to know them again, not to find them."""
        return external_id if is_forgotten(external_id) else FORGOTTEN + salted(f"forgotten/{external_id}", self._salt)


def _check_entry(entry: Entry) -> None:
    if entry.external_id is not None and is_forgotten(entry.external_id):
        raise InvalidAnswer("This id cannot be used here.", item="external_id")


def is_forgotten(external_id: str) -> bool:
    """Whether this stands in place of the external id of who withdrew; nobody may enter by it."""
    return external_id.startswith(FORGOTTEN)


def rater_name(external_id: str | None) -> str | None:
    """The name of the account that a participant is; None for everybody else."""
    is_account = external_id is not None and external_id.startswith(ACCOUNT)
    return external_id.removeprefix(ACCOUNT) if external_id is not None and is_account else None


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def salted(text: str, salt: str) -> str:
    """A salted hash, 16 hex digits: the same for the same text in one installation."""
    return hashlib.sha256(f"{salt}/{text}".encode()).hexdigest()[:16]


async def has_withdrawn(session: AsyncSession, participant_id: str) -> bool:
    """Whether a participant has withdrawn; a withdrawal at this instant waits for the caller's transaction."""
    query = select(ParticipantRow.status).where(ParticipantRow.id == participant_id).with_for_update(read=True)
    return (await session.exec(query)).one() == ParticipantStatus.WITHDRAWN


async def _holder(session: AsyncSession, token: str) -> str | None:
    return (await session.exec(select(TokenRow.participant_id).where(TokenRow.hash == token_hash(token)))).first()


def _allocation_row(participant: ParticipantRow, drawn: Allocation, *, study_hash: str, at: int) -> AllocationRow:
    return AllocationRow(
        participant_id=participant.id,
        study_hash=study_hash,
        pilot=participant.pilot,
        slot=drawn.slot,
        block=drawn.block,
        condition=drawn.condition,
        scenario_order=dump(drawn.scenario_order),
        drawn_at=at,
    )


def dump(values: Sequence[str]) -> str:
    """A list of texts as JSON."""
    return orjson.dumps(list(values)).decode()
