"""Giving each person who judges a sequence of their own: once, and again only when its holder has left."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.bundle import StudyBundle
from core.errors import Full, NotCurrentStep
from core.participant import ParticipantStatus
from core.stimuli import TrialSequence
from core.study import JudgingStep, Withdrawal
from server.storage.database import Database
from server.storage.tables import GivenSequenceRow, ParticipantRow, VisitRow

MINUTE_MS = 60_000
PASSED_ON = "You were away for a while, and your place was given to somebody else."


async def give(
    session: AsyncSession,
    participant: ParticipantRow,
    bundle: StudyBundle,
    *,
    step: JudgingStep,
    now: int,
    time_scale: float,
) -> None:
    """Give the participant a sequence of `step` that nobody holds. Raises `Full` when there is none.

    The caller's transaction has drawn the participant's condition, so it holds the lock on the row of the study's
    version: whoever consents to the same version at the same time waits, and sees this sequence as given. Those that
    nobody has had come first, then those whose holder has been away the longest.
    """
    sequences = bundle.stimuli[step.id].sequences
    held = await _held(session, bundle.hash, step.id, pilot=participant.pilot)
    free = sorted(set(range(1, len(sequences) + 1)) - {row.number for row in held})
    if not free:
        since = now - step.abandoned_after_min * MINUTE_MS / time_scale
        free = [await _take_back(session, held, bundle, since=since, now=now)]
    session.add(
        GivenSequenceRow(
            participant_id=participant.id,
            step_id=step.id,
            study_hash=bundle.hash,
            pilot=participant.pilot,
            number=free[0],
            trials=orjson.dumps(sequences[free[0] - 1]).decode(),
            given_at=now,
        )
    )
    await session.flush()


async def keep_hold(session: AsyncSession, participant_id: str, step: JudgingStep) -> None:
    """Make sure, in the caller's transaction, that the sequence is still the participant's; until its end it stays so.

    Raises `NotCurrentStep` when it was passed on.
    """
    mine = select(GivenSequenceRow).where(
        GivenSequenceRow.participant_id == participant_id, GivenSequenceRow.step_id == step.id
    )
    if (await session.exec(mine.with_for_update())).one().taken_back_at is not None:
        raise NotCurrentStep(PASSED_ON)


async def has_hold(database: Database, participant_id: str, step: JudgingStep) -> bool:
    """Whether the participant's sequence has not been passed on."""
    async with database.reading() as session:
        return (await session.get_one(GivenSequenceRow, (participant_id, step.id))).taken_back_at is None


def trials_of(row: GivenSequenceRow) -> TrialSequence:
    """The ids of the conversations shown, trial by trial."""
    return tuple(tuple(trial) for trial in orjson.loads(row.trials))


async def _held(session: AsyncSession, study_hash: str, step_id: str, *, pilot: bool) -> Sequence[GivenSequenceRow]:
    query = select(GivenSequenceRow).where(
        GivenSequenceRow.study_hash == study_hash,
        GivenSequenceRow.step_id == step_id,
        GivenSequenceRow.pilot == pilot,
        col(GivenSequenceRow.taken_back_at).is_(None),
    )
    return (await session.exec(query)).all()


async def _take_back(
    session: AsyncSession, held: Sequence[GivenSequenceRow], bundle: StudyBundle, *, since: float, now: int
) -> int:
    """Take the sequence back whose holder has been away the longest; its number. Raises `Full`.

    Their rows are locked first: who takes a step at this moment has taken it, or is refused.
    """
    ids = [row.participant_id for row in held]
    await session.exec(select(GivenSequenceRow).where(col(GivenSequenceRow.participant_id).in_(ids)).with_for_update())
    last = func.max(func.coalesce(VisitRow.taken_at, VisitRow.shown_at))
    query = (
        select(ParticipantRow, last)
        .outerjoin(VisitRow, col(VisitRow.participant_id) == col(ParticipantRow.id))
        .where(col(ParticipantRow.id).in_(ids))
        .group_by(col(ParticipantRow.id))
    )
    seen = {person.id: (person, at or person.entered_at) for person, at in (await session.exec(query)).all()}
    left = [row for row in held if _has_left(*seen[row.participant_id], bundle=bundle, since=since)]
    for row in sorted(left, key=lambda row: seen[row.participant_id][1]):
        mine = update(GivenSequenceRow).where(
            col(GivenSequenceRow.participant_id) == row.participant_id, col(GivenSequenceRow.step_id) == row.step_id
        )
        await session.exec(mine.values(taken_back_at=now))
        return row.number
    raise Full("Every place in this study is taken just now. Thank you for coming; please try again later.")


def _has_left(person: ParticipantRow, last: int, *, bundle: StudyBundle, since: float) -> bool:
    """Whether what the person was to judge will not come, or is gone again."""
    if person.status == ParticipantStatus.WITHDRAWN:
        return person.finished_at is None or bundle.study.on_withdrawal is Withdrawal.ERASE
    return person.status == ParticipantStatus.ACTIVE and last < since
