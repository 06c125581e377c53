"""What the jobs do: feedback of the coach, scores of the judge, closing what was abandoned or left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import orjson
from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from coach.feedback import Feedback, NoAdvice
from core.dialogue import Reply
from core.errors import DamagedLog
from core.events import Closed, CloseReason, Said
from core.participant import ParticipantStatus
from core.text import storable
from core.transcript import Role, Transcript
from judges.rate import Judge
from judges.rubric import load_rubric
from llm.request import ModelRole
from personas.persona import Persona
from server.counterparts import coach_of, label_stored
from server.participants import has_withdrawn
from server.scoring.rows import score_rows
from server.storage.database import Database
from server.storage.tables import DialogueRow, EventRow, FeedbackRow, ParticipantRow, ScoreRow, VisitRow
from server.world import World

RUBRIC = "empathy"
DAY_MS = 24 * 60 * 60 * 1000
CLOSED = select(EventRow.dialogue_id).where(EventRow.kind == "closed")
"""The ids of all dialogues that have ended."""


class Work:
    """The jobs' hands. Everything may be done twice: what is there already stays as it is."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rubric = load_rubric(RUBRIC)

    async def give_feedback(self, dialogue_id: str) -> None:
        """Ask the coach, keep what it said, and open the coach dialogue with it."""
        world = self._world
        row = await world.dialogues.row(dialogue_id)
        if await world.feedback_of(dialogue_id) is None and await self._is_wanted(row):
            try:
                await self._keep(row, [await self._ask_coach(row)])
            except DamagedLog:
                await self.give_up_feedback(dialogue_id)
                return
        feedback = await world.feedback_of(dialogue_id)  # another process's, where that was first
        if feedback is None:
            return
        if feedback.text is None:
            await world.hub.give_up(dialogue_id)
            return
        label = {
            "model": feedback.model,
            "prompt_version": feedback.prompt_version,
            "prompt_hash": feedback.prompt_hash,
        }
        await world.hub.do(dialogue_id, Reply(feedback.text, label, after=0))

    async def _ask_coach(self, row: DialogueRow) -> FeedbackRow:
        world = self._world
        started = world.now()
        bundle = await world.bundle_of(row)
        transcript = await world.conversation_of(row)
        made = await coach_of(world.models, bundle).feedback(
            transcript, purpose=row.id, partner_name=_name(world.personas, transcript)
        )
        finished = world.now()
        if isinstance(made, NoAdvice):
            return FeedbackRow(
                dialogue_id=row.id, failure=made.reason, text=made.text, started_at=started, finished_at=finished
            )
        return _feedback_row(made, dialogue_id=row.id, started=started, finished=finished)

    async def score(self, conversation_id: str) -> None:
        """Have the judge rate a finished conversation, and keep one row per dimension; none of a damaged one."""
        world = self._world
        row = await world.dialogues.row(conversation_id)
        if not await self._is_wanted(row) or await self._is_scored(conversation_id):
            return
        try:
            transcript = await world.transcript_of(row)
        except DamagedLog:
            return
        rating = await Judge(world.models, self._rubric).rate(transcript, purpose=conversation_id)
        await self._keep(
            row, score_rows(conversation_id, rating, rubric=self._rubric, model=world.judge_model, at=world.now())
        )

    async def _keep(self, row: DialogueRow, made: Sequence[FeedbackRow | ScoreRow]) -> None:
        """Store what a job has made, unless it is there already, or is nobody's to keep any more."""
        with suppress(IntegrityError):  # the job ran twice: the first answer counts
            async with self._world.database.writing() as session:
                if not await has_withdrawn(session, row.participant_id):
                    session.add_all(made)

    async def _is_wanted(self, row: DialogueRow) -> bool:
        """Whether anything may still be made of the dialogue: nothing is once its participant has withdrawn."""
        async with self._world.database.reading() as session:
            return not await has_withdrawn(session, row.participant_id)

    async def _is_scored(self, conversation_id: str) -> bool:
        """Whether this server's judge, or one that may step in for it, has rated the conversation."""
        query = select(ScoreRow.id).where(
            ScoreRow.conversation_id == conversation_id,
            ScoreRow.judge == self._rubric.name,
            ScoreRow.rubric_version == self._rubric.version,
            col(ScoreRow.model).in_(self._world.models.names(ModelRole.JUDGE)),
        )
        async with self._world.database.reading() as session:
            return (await session.exec(query)).first() is not None

    async def unscored(self) -> list[str]:
        """Closed conversations that have no score yet."""
        async with self._world.database.reading() as session:
            return list((await session.exec(_unscored())).all())

    async def without_feedback(self) -> list[str]:
        """Open dialogues with the coach in which nothing has been said."""
        told = select(EventRow.seq).where(
            EventRow.dialogue_id == DialogueRow.id, col(EventRow.kind).in_((Said.kind, Closed.kind))
        )
        query = (
            select(DialogueRow.id)
            .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
            .where(
                DialogueRow.counterpart == Role.COACH.value,
                ParticipantRow.status == ParticipantStatus.ACTIVE.value,
                ~told.exists(),
            )
        )
        async with self._world.database.reading() as session:
            return list((await session.exec(query)).all())

    async def give_up_feedback(self, dialogue_id: str) -> None:
        """Note that no feedback will come, and end the dialogue unless it came, so that people may go on."""
        at = self._world.now()
        lost = FeedbackRow(dialogue_id=dialogue_id, failure="job_failed", started_at=at, finished_at=at)
        await self._keep(await self._world.dialogues.row(dialogue_id), [lost])
        await self._world.hub.give_up(dialogue_id)

    async def close_abandoned(self) -> None:
        """Close every open conversation that nobody has taken up within its study's limit."""
        world = self._world
        shortest = min(b.study.conversation.abandoned_after_days for b in world.studies.offered.values())
        before = world.now() - round(shortest * DAY_MS / world.time_scale)
        for dialogue_id, seq, last in await self._open_since(before):
            bundle = await world.bundle_of(await world.dialogues.row(dialogue_id))
            limit = bundle.study.conversation.abandoned_after_days * DAY_MS / world.time_scale
            if world.now() - last > limit:
                await world.hub.abandon(dialogue_id, seq)

    async def close_left(self) -> None:
        """Close every dialogue with the coach whose participant has gone on: a crash may have come in between."""
        query = (
            select(DialogueRow.id)
            .join(
                VisitRow,
                (col(VisitRow.participant_id) == DialogueRow.participant_id)
                & (col(VisitRow.step_id) == DialogueRow.step_id),
            )
            .where(
                DialogueRow.counterpart == Role.COACH.value,
                col(VisitRow.taken_at).is_not(None),
                col(DialogueRow.id).not_in(CLOSED),
            )
        )
        async with self._world.database.reading() as session:
            left = (await session.exec(query)).all()
        for dialogue_id in left:
            await self._world.hub.close(dialogue_id, CloseReason.FINISHED)

    async def _open_since(self, before: int) -> list[tuple[str, int, int]]:
        """Open conversations with their last event's place and time, where that lies before `before`."""
        last = func.max(EventRow.at)
        query = (
            select(EventRow.dialogue_id, func.max(EventRow.seq), last)
            .join(DialogueRow, col(DialogueRow.id) == col(EventRow.dialogue_id))
            .where(DialogueRow.counterpart == Role.SEEKER.value, col(EventRow.dialogue_id).not_in(CLOSED))
            .group_by(EventRow.dialogue_id)
            .having(last < before)
        )
        async with self._world.database.reading() as session:
            return [(dialogue_id, seq, at) for dialogue_id, seq, at in (await session.exec(query)).all()]


def _unscored() -> SelectOfScalar[str]:
    """Conversations with the seeker that are closed and have no score, except of who has withdrawn."""
    return (
        select(DialogueRow.id)
        .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
        .where(
            DialogueRow.counterpart == Role.SEEKER.value,
            ParticipantRow.status != ParticipantStatus.WITHDRAWN.value,
            col(DialogueRow.id).in_(CLOSED),
            col(DialogueRow.id).not_in(select(ScoreRow.conversation_id)),
        )
    )


async def count_unscored(database: Database) -> int:
    """How many closed conversations wait for their score."""
    async with database.reading() as session:
        return (await session.exec(select(func.count()).select_from(_unscored().subquery()))).one()


def _feedback_row(made: Feedback, *, dialogue_id: str, started: int, finished: int) -> FeedbackRow:
    label = label_stored(made.label)
    return FeedbackRow(
        dialogue_id=dialogue_id,
        validating=made.meters.validating,
        elaboration=made.meters.elaboration,
        understanding=made.meters.understanding,
        text=storable(made.text),
        quotes=orjson.dumps([{"message": q.message, "span": q.span} for q in made.quotes]).decode(),
        violations=orjson.dumps([str(v) for v in made.violations]).decode(),
        model=label["model"],
        prompt_version=label["prompt_version"],
        prompt_hash=label["prompt_hash"],
        started_at=started,
        finished_at=finished,
    )


def _name(personas: Mapping[str, Persona], transcript: Transcript) -> str | None:
    persona = personas.get(transcript.scenario or "")
    return persona.name if persona is not None else None
