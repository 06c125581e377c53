"""Withdrawing: nothing further is stored, and what is there is treated as consent said."""

from __future__ import annotations

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import Beat, Closed, CloseReason, Opened
from core.participant import ParticipantStatus
from core.study import Withdrawal
from server.storage.tables import (
    ActivityRow,
    CallRow,
    EventRow,
    FeedbackRow,
    ParticipantRow,
    ResponseRow,
    ScoreRow,
    SeenAlertRow,
)
from server.world import World


async def withdraw(world: World, participant: ParticipantRow) -> None:
    """Let the participant go. Doing it twice, or at the same time, changes nothing more.

    Under `erase`, participant id, condition, status and times stay; messages, answers, events, feedback, scores, call
    texts and job inputs go, and the external id gives way to a salted hash. What a crash leaves undone,
    `settle_withdrawals` does.
    """
    gone = update(ParticipantRow).where(col(ParticipantRow.id) == participant.id)
    await world.ledger.flush()
    async with world.database.writing() as session:
        await session.exec(gone.values(status=ParticipantStatus.WITHDRAWN.value))
    await _settle(world, participant)


async def settle_withdrawals(world: World) -> None:
    """Finish every withdrawal that was begun and, by a crash or a failure, not brought to its end."""
    query = select(ParticipantRow).where(
        ParticipantRow.status == ParticipantStatus.WITHDRAWN.value, col(ParticipantRow.settled_at).is_(None)
    )
    async with world.database.reading() as session:
        unsettled = (await session.exec(query)).all()
    for participant in unsettled:
        await _settle(world, participant)


async def _settle(world: World, participant: ParticipantRow) -> None:
    """Close the dialogues; then nobody can append to them, and what consent said is done with the data."""
    ids = [row.id for row in await world.dialogues.of_participant(participant.id)]
    for dialogue_id in ids:
        await world.hub.close(dialogue_id, CloseReason.WITHDRAWN)
    bundle = await world.studies.version(participant.study_hash)
    erases = bundle.study.on_withdrawal is Withdrawal.ERASE
    if erases:
        await world.jobs.forget(ids)
        await world.ledger.flush()
    async with world.database.writing() as session:
        if erases:
            await _erase(session, participant, ids, forgotten=_forgotten(world, participant))
        settled = update(ParticipantRow).where(col(ParticipantRow.id) == participant.id)
        await session.exec(settled.values(settled_at=func.coalesce(ParticipantRow.settled_at, world.now())))


def _forgotten(world: World, participant: ParticipantRow) -> str | None:
    return None if participant.external_id is None else world.participants.forgotten(participant.external_id)


async def _erase(session: AsyncSession, participant: ParticipantRow, ids: list[str], *, forgotten: str | None) -> None:
    """Erase in one transaction. The entries of logs are emptied in their places: their numbers are the fence."""
    await session.exec(delete(ResponseRow).where(col(ResponseRow.participant_id) == participant.id))
    await session.exec(delete(ActivityRow).where(col(ActivityRow.participant_id) == participant.id))
    await session.exec(delete(FeedbackRow).where(col(FeedbackRow.dialogue_id).in_(ids)))
    await session.exec(delete(ScoreRow).where(col(ScoreRow.conversation_id).in_(ids)))
    await session.exec(delete(SeenAlertRow).where(col(SeenAlertRow.dialogue_id).in_(ids)))
    told = col(EventRow.dialogue_id).in_(ids) & col(EventRow.kind).not_in((Opened.kind, Closed.kind))
    await session.exec(update(EventRow).where(told).values(kind=Beat.kind, payload="{}"))
    texts = {"prompt": None, "answer": None, "error": None}
    await session.exec(update(CallRow).where(col(CallRow.purpose).in_(ids)).values(texts))
    row = update(ParticipantRow).where(col(ParticipantRow.id) == participant.id)
    await session.exec(row.values(external_id=forgotten, session_id=None, source=None, form=None, time_factor=1.0))
