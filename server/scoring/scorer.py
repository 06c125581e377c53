"""One conversation, one judge, one repeat: read, asked about, and kept as rows of scores."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.dialogue import fold
from core.errors import Unusable
from core.participant import ParticipantStatus
from core.transcript import Transcript
from judges.criteria import Rubric
from judges.rate import Judge
from judges.rubric import load_rubric
from llm.faults import AuthFailed, BadRequest, ModelFault, NotAsked, Refused
from llm.gate import Spending
from llm.ledger import Ledger
from llm.models import Models
from llm.request import ModelRole
from llm.retries import RetryPolicy
from llm.settings import parse_choices
from server.models import models_for
from server.participants import has_withdrawn
from server.scoring.rows import score_rows
from server.scoring.runs import Runs, SharedBudget
from server.storage.database import Database
from server.storage.log import entry_of
from server.storage.tables import DialogueRow, EventRow, ParticipantRow, ScoreRow, ScoringRow
from server.times import Now

_EVENTS = select(col(EventRow.seq), col(EventRow.at), col(EventRow.kind), col(EventRow.payload)).order_by(
    col(EventRow.seq)
)
AT_THE_DATABASE = 8
"""Jobs that read or write at once: a burst of them must not take every connection there is."""
PATIENCE = RetryPolicy(
    attempts_per_model=10, attempts_in_all=10, first_wait_s=2.0, longest_wait_s=60.0, longest_retry_after_s=120.0
)
"""Nobody waits for a score: a model that is overrun is given more time than in a conversation."""


class CannotGoOn(Exception):
    """Why no further judgement of a run should be begun: its cap, its key, its rubric."""


@dataclass(frozen=True, slots=True)
class _RunJudge:
    """The judge of one run in this process."""

    models: Models
    rubric: Rubric
    judge: Judge
    budget: SharedBudget


@dataclass(frozen=True, slots=True)
class _Job:
    """One judgement that is asked for, as it stands now."""

    run: ScoringRow
    is_done: bool
    """Whether it is scored, or nobody's to score any more."""
    transcript: Transcript


class Scorer:
    """Does the jobs of runs. Each may be done twice: what is there already stays as it is, and is not asked about."""

    def __init__(self, database: Database, ledger: Ledger, *, now: Now) -> None:
        self._database = database
        self._ledger = ledger
        self._now = now
        self.runs = Runs(database)
        self._judges: dict[str, _RunJudge] = {}
        self._turns = asyncio.Semaphore(AT_THE_DATABASE)

    async def aclose(self) -> None:
        """Close the connections to every model that was asked."""
        for judge in self._judges.values():
            await judge.models.aclose()

    async def score(self, run_id: str, conversation_id: str, repeat: int) -> None:
        """Have the judge rate one conversation, unless it is scored.

        Raises `CannotGoOn` for what would meet every other call as well, and the `ModelFault` of a model that failed
        for now: nothing is stored then, and it can be asked again. What a model refuses, or answers off the form, is
        stored as missing with its reason.
        """
        job = await self._job(run_id, conversation_id, repeat)
        if job.run.stopped is not None:
            raise CannotGoOn(job.run.stopped)
        if job.is_done:
            return
        own = self._judge(job.run)
        own.budget.follow(job.run)
        rating = await own.judge.rate(job.transcript, purpose=conversation_id, repeat=repeat)
        if rating.fault is not None and _meets_every_call(rating.fault):
            raise CannotGoOn(str(rating.fault))
        if rating.fault is not None and not isinstance(rating.fault, Refused):
            raise rating.fault
        rows = score_rows(
            conversation_id, rating, rubric=own.rubric, model=job.run.model, at=self._now(), repeat=repeat
        )
        await self._keep(conversation_id, rows)

    async def _job(self, run_id: str, conversation_id: str, repeat: int) -> _Job:
        scored = (
            select(ScoreRow.id)
            .where(
                ScoreRow.conversation_id == conversation_id,
                ScoreRow.judge == ScoringRow.rubric,
                ScoreRow.model == ScoringRow.model,
                ScoreRow.rubric_version == ScoringRow.rubric_version,
                ScoreRow.repeat == repeat,
            )
            .exists()
        )
        query = (
            select(ScoringRow, DialogueRow.scenario, ParticipantRow.status, scored)
            .select_from(ScoringRow)
            .join(DialogueRow, col(DialogueRow.id) == conversation_id)
            .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
            .where(ScoringRow.id == run_id)
        )
        async with self._turns, self._database.reading() as session:
            run, scenario, status, is_scored = (await session.exec(query)).one()
            events = (await session.exec(_EVENTS.where(col(EventRow.dialogue_id) == conversation_id))).all()
        return _Job(
            run,
            is_done=is_scored or status == ParticipantStatus.WITHDRAWN,
            transcript=Transcript(
                id=conversation_id,
                messages=fold([entry_of(*event) for event in events]).transcript,
                scenario=scenario,
            ),
        )

    def _judge(self, run: ScoringRow) -> _RunJudge:
        """The judge of `run`, opened once. Raises `CannotGoOn` where this process has no key or another rubric."""
        if run.id not in self._judges:
            rubric = load_rubric(run.rubric)
            if rubric.version != run.rubric_version:
                raise CannotGoOn(f"a worker has {run.rubric} {rubric.version}, not {run.rubric_version}: update it")
            spending = Spending(call_usd=run.call_usd, ledger=self._ledger)
            budget = SharedBudget(self.runs, run, spending)
            try:
                choices = parse_choices(run.model, name="--model", role=ModelRole.JUDGE)
                models = models_for(ModelRole.JUDGE, choices, ledger=spending, gate=budget, policy=PATIENCE)
            except Unusable as fault:
                raise CannotGoOn(fault.message) from None
            self._judges[run.id] = _RunJudge(models, rubric, Judge(models, rubric), budget)
        return self._judges[run.id]

    async def _keep(self, conversation_id: str, rows: list[ScoreRow]) -> None:
        """Store the scores, unless they are there already or their participant has withdrawn."""
        holder = select(DialogueRow.participant_id).where(DialogueRow.id == conversation_id)
        values = [row.model_dump(exclude={"id"}) for row in rows]
        try:
            async with self._turns, self._database.writing() as session:
                if not await has_withdrawn(session, (await session.exec(holder)).one()):
                    await session.exec(insert(ScoreRow), params=values)
        except IntegrityError:  # the job ran twice: the first answer counts
            return


def _meets_every_call(fault: ModelFault) -> bool:
    """Whether the next call would fail likewise: for the cap, the key, or a model that is not there.

    A server also refuses what is odd about one conversation, such as a length beyond its context.
    """
    if isinstance(fault, BadRequest):
        return fault.status in (None, HTTPStatus.NOT_FOUND)
    return isinstance(fault, NotAsked | AuthFailed)
