"""Which conversations of a study a run still has to score, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import Unusable
from core.participant import ParticipantStatus
from core.transcript import Role
from server.scoring.jobs import Judgement
from server.storage.database import Database
from server.storage.tables import DialogueRow, EventRow, ParticipantRow, ScoreRow, ScoringRow


@dataclass(frozen=True, slots=True)
class ToDo:
    """What a run has to do, as it stands now."""

    total: int
    """Finished conversations times repeats, without those that are left out."""
    open: tuple[Judgement, ...]
    """Those without a score."""
    damaged: tuple[str, ...]
    """Conversations of whose log an entry is missing: they are left out where they have no score."""

    @property
    def done(self) -> int:
        return self.total - len(self.open)


async def to_do(database: Database, run: ScoringRow, *, repeats: int) -> ToDo:
    """Every closed conversation of the study except of who has withdrawn, by each repeat.

    Raises `Unusable` when there is none.
    """
    scored = select(ScoreRow.conversation_id, ScoreRow.repeat).where(_of(run, repeats)).distinct()
    async with database.reading() as session:
        conversations = (await session.exec(_conversations(run).order_by(DialogueRow.id))).all()
        there = {(conversation, repeat) for conversation, repeat in (await session.exec(scored)).all()}
        damaged = frozenset((await session.exec(_damaged(run))).all())
    if not conversations:
        raise Unusable(f"{run.slug}: no finished conversation in this database")
    asked = [(conversation, repeat) for repeat in range(1, repeats + 1) for conversation in conversations]
    possible = [each for each in asked if each in there or each[0] not in damaged]
    still = tuple(Judgement(run.id, *each) for each in possible if each not in there)
    left_out = {conversation for conversation, _ in asked} & damaged - {conversation for conversation, _ in there}
    return ToDo(len(possible), still, tuple(sorted(left_out)))


async def count_scored(database: Database, run: ScoringRow, *, repeats: int) -> int:
    """Those of the run's judgements that are stored, missing ones with their reason included."""
    one = select(ScoreRow.conversation_id, ScoreRow.repeat).where(_of(run, repeats)).distinct().subquery()
    async with database.reading() as session:
        return (await session.exec(select(func.count()).select_from(one))).one()


async def count_missing(database: Database, run: ScoringRow, *, repeats: int) -> int:
    """Those of the run's judgements in which at least one dimension is missing."""
    missing = and_(_of(run, repeats), col(ScoreRow.score).is_(None))
    one = select(ScoreRow.conversation_id, ScoreRow.repeat).where(missing).distinct().subquery()
    async with database.reading() as session:
        return (await session.exec(select(func.count()).select_from(one))).one()


def _conversations(run: ScoringRow) -> SelectOfScalar[str]:
    """The closed conversations of the study, except of who has withdrawn."""
    closed = select(EventRow.dialogue_id).where(EventRow.kind == "closed")
    return (
        select(DialogueRow.id)
        .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
        .where(
            ParticipantRow.slug == run.slug,
            ParticipantRow.status != ParticipantStatus.WITHDRAWN.value,
            DialogueRow.counterpart == Role.SEEKER.value,
            col(DialogueRow.id).in_(closed),
        )
    )


def _damaged(run: ScoringRow) -> SelectOfScalar[str]:
    """Those of the conversations whose log has fewer entries than its last one counts."""
    entries = col(EventRow.dialogue_id) == col(DialogueRow.id)
    return (
        _conversations(run)
        .join(EventRow, entries)
        .group_by(col(DialogueRow.id))
        .having(func.count() < func.max(EventRow.seq))
    )


def _of(run: ScoringRow, repeats: int) -> ColumnElement[bool]:
    """Scores of these conversations by the run's rubric and model, up to the repeat number `repeats`."""
    return and_(
        col(ScoreRow.judge) == run.rubric,
        col(ScoreRow.model) == run.model,
        col(ScoreRow.rubric_version) == run.rubric_version,
        col(ScoreRow.repeat) <= repeats,
        col(ScoreRow.conversation_id).in_(_conversations(run)),
    )
