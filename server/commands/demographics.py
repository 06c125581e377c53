"""`demographics` and `quotas`: what a platform says of the people it sent, and how far they fit the targets."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import col, select

from analysis.quotas import as_table, quotas, read_targets
from core.errors import Unusable
from core.participant import ParticipantStatus
from server.demographics import Imported, check_known, stated_by, store_demographics
from server.demographics_file import COLUMNS, read_demographics
from server.settings import Settings
from server.storage.database import Database
from server.storage.migrate import check_current
from server.storage.tables import ParticipantRow, ResponseRow
from server.times import now_ms


async def import_demographics(settings: Settings, slug: str, file: Path) -> Imported:
    """Read all of `file`, then store it. Raises `Unusable`, for a faulty file with a line per fault, and `NotFound`."""
    people = read_demographics(file)
    database = Database(settings.database_url)
    try:
        await check_current(database)
        return await store_demographics(database, slug, people, at=now_ms())
    finally:
        await database.close()


async def quota_report(
    settings: Settings, slug: str, targets: Path, *, participants: int | None = None, pilots: bool = False
) -> str:
    """Achieved beside wanted, in Markdown, over all who have consented and not withdrawn.

    Raises `Unusable`, and `NotFound` for a study that is not in the database.
    """
    wanted = read_targets(targets)
    database = Database(settings.database_url)
    try:
        await check_current(database)
        people = await _people(database, slug, pilots=pilots)
    finally:
        await database.close()
    if not people:
        aside = "" if pilots else "; --pilots counts rehearsals as well"
        raise Unusable(f"nobody takes part in {slug!r} yet{aside}")
    return as_table(quotas(people, wanted, participants=participants), people=len(people))


async def _people(database: Database, slug: str, *, pilots: bool) -> list[dict[str, str]]:
    """What is stated about each participant: age, sex, ethnicity as far as they are known."""
    here = select(ParticipantRow.id).where(
        ParticipantRow.slug == slug,
        col(ParticipantRow.consented_at).is_not(None),
        ParticipantRow.status != ParticipantStatus.WITHDRAWN.value,
    )
    if not pilots:
        here = here.where(col(ParticipantRow.pilot).is_(False))
    stated = select(ResponseRow).where(
        col(ResponseRow.participant_id).in_(here), col(ResponseRow.item).in_(list(COLUMNS))
    )
    async with database.snapshot() as session:
        await check_known(session, slug)
        ids = (await session.exec(here)).all()
        answers = stated_by((await session.exec(stated.order_by(col(ResponseRow.id)))).all())
    return [answers.get(id_, {}) for id_ in ids]
