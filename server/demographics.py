"""What recruiting platforms say of participants: kept beside their own answers, which stand before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import NotFound
from core.participant import ParticipantStatus
from server.demographics_file import Described
from server.storage.database import Database
from server.storage.tables import ParticipantRow, ResponseRow, StudyVersionRow

INSTRUMENT = "platform"
_STEP = "platform/"
"""Begins the step of these rows; no step of a study has a slash in its id."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    people: int
    """In the file and in the study."""
    values: int
    """Stored now; what was known already is not stored again."""
    elsewhere: int
    """In the file only: they never consented here, or have withdrawn."""


def is_from_platform(response: ResponseRow) -> bool:
    return response.step_id.startswith(_STEP)


def stated_by(responses: Iterable[ResponseRow]) -> dict[str, dict[str, str]]:
    """participant -> item -> value: their own latest answer, else what their platform said last."""
    stated: dict[str, dict[str, str]] = defaultdict(dict)
    for response in sorted(responses, key=is_from_platform, reverse=True):
        stated[response.participant_id][response.item] = response.value
    return stated


async def check_known(session: AsyncSession, slug: str) -> None:
    """Raise `NotFound` for a study that no server has offered from this database."""
    if (await session.exec(select(StudyVersionRow.hash).where(StudyVersionRow.slug == slug))).first() is None:
        raise NotFound(f"there is no study called {slug!r} in this database")


async def store_demographics(database: Database, slug: str, people: Sequence[Described], *, at: int) -> Imported:
    """Store what is new about `people`, all of it or nothing. Raises `NotFound` for a study that is not here.

    Who has not consented, or has withdrawn, gets no row. A value that differs from an earlier import is a further row.
    """
    async with database.writing() as session:
        await check_known(session, slug)
        here = (
            select(ParticipantRow)
            .where(
                ParticipantRow.slug == slug,
                col(ParticipantRow.external_id).is_not(None),
                col(ParticipantRow.consented_at).is_not(None),
                ParticipantRow.status != ParticipantStatus.WITHDRAWN.value,
            )
            .with_for_update(read=True)  # who withdraws at this instant waits, and is erased with these rows
        )
        ids = {row.external_id: row.id for row in (await session.exec(here)).all()}
        earlier = select(ResponseRow).where(
            col(ResponseRow.participant_id).in_(select(ParticipantRow.id).where(ParticipantRow.slug == slug)),
            ResponseRow.instrument == INSTRUMENT,
        )
        known = stated_by(
            row for row in (await session.exec(earlier.order_by(col(ResponseRow.id)))).all() if is_from_platform(row)
        )
        found = [(ids[person.external_id], person.values) for person in people if person.external_id in ids]
        new = [
            _row(participant_id, item, value, at=at)
            for participant_id, values in found
            for item, value in values.items()
            if known.get(participant_id, {}).get(item) != value
        ]
        session.add_all(new)
    return Imported(len(found), values=len(new), elsewhere=len(people) - len(found))


def _row(participant_id: str, item: str, value: str, *, at: int) -> ResponseRow:
    return ResponseRow(
        participant_id=participant_id,
        step_id=f"{_STEP}{at}",
        instrument=INSTRUMENT,
        item=item,
        value=value,
        answered_at=at,
    )
