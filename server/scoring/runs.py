"""What a study is being scored by, what that may cost, and what it has cost so far."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import ColumnElement, case, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from llm.gate import BILLED, ROUNDING_USD, Pace, Spending, UnderWay
from llm.request import ModelRole
from server.storage.database import Database
from server.storage.tables import CallRow, DialogueRow, ParticipantRow, ScoringRow


def scoring_id(slug: str, *, rubric: str, rubric_version: str, model: str) -> str:
    """The same for the same question, so that a run which was stopped is found again."""
    asked = "\n".join((slug, rubric, rubric_version, model))
    return hashlib.sha256(asked.encode()).hexdigest()[:12]


class Runs:
    """The rows of `scoring` in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, row: ScoringRow) -> ScoringRow:
        """Store `row`, or go on with the one of its id under the new cap, and return what is stored.

        What was set aside for calls that a killed process had under way counts for good: they were probably billed, and
        the ledger may have lost them. So does a call whose cost nobody knows, as much as one call is expected to.
        """
        try:
            return await self._begin(row)
        except IntegrityError:  # somebody else began it in the same instant
            return await self._begin(row)

    async def _begin(self, row: ScoringRow) -> ScoringRow:
        async with self._database.writing() as session:
            stored = await session.get(ScoringRow, row.id)
            if stored is None:
                session.add(row)
                return row
            stored.cap_usd, stored.call_usd, stored.stopped = row.cap_usd, row.call_usd, None
            stored.rate = row.rate
            stored.repeats = max(stored.repeats, row.repeats)
            stored.committed_usd = max(await _spent(session, stored), stored.committed_usd)
            return stored

    async def get(self, id_: str) -> ScoringRow | None:
        async with self._database.reading() as session:
            return await session.get(ScoringRow, id_)

    async def spent(self, id_: str) -> float:
        """US dollars that the calls of this run have cost; 0 for one that was never begun."""
        async with self._database.reading() as session:
            stored = await session.get(ScoringRow, id_)
            return 0.0 if stored is None else await _spent(session, stored)

    async def all(self) -> list[ScoringRow]:
        async with self._database.reading() as session:
            return list((await session.exec(select(ScoringRow))).all())

    async def stop(self, id_: str, reason: str) -> bool:
        """Have nobody begin another call of this run; False when it was stopped before."""
        row = update(ScoringRow).where(col(ScoringRow.id) == id_, col(ScoringRow.stopped).is_(None))
        async with self._database.writing() as session:
            result = await session.exec(row.values(stopped=reason))
        return result.rowcount > 0

    async def commit(self, id_: str, usd: float) -> bool:
        """Set dollars aside for a call; False when the cap does not leave them."""
        committed = col(ScoringRow.committed_usd) + usd
        fits = col(ScoringRow.cap_usd).is_(None) | (committed <= col(ScoringRow.cap_usd) + ROUNDING_USD)
        async with self._database.writing() as session:
            result = await session.exec(
                update(ScoringRow).where(col(ScoringRow.id) == id_, fits).values(committed_usd=committed)
            )
        return result.rowcount > 0

    async def settle(self, id_: str, usd: float) -> None:
        """Correct what was set aside by the difference to what it came to."""
        row = update(ScoringRow).where(col(ScoringRow.id) == id_)
        async with self._database.writing() as session:
            await session.exec(row.values(committed_usd=col(ScoringRow.committed_usd) + usd))


class SharedBudget:
    """The cap of one run over all processes: the dollars of a call are set aside before it is made.

    Each process spaces its calls evenly at the rate of all: judgements come in bursts, and nobody is to be overrun.
    """

    def __init__(self, runs: Runs, run: ScoringRow, spending: Spending) -> None:
        self._runs = runs
        self._spending = spending
        self._settled = 0.0
        self._pace = Pace(run.rate)
        self._under_way = UnderWay()
        self._run = run

    def follow(self, run: ScoringRow) -> None:
        """Go on as `run` was read last: cap, rate and expected price may have been changed by another command."""
        self._run = run
        self._pace.calls_per_s = run.rate
        self._spending.call_usd = run.call_usd

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Raises `NotAsked` when one call more would pass the cap, whatever this process's calls under way come to."""
        await self._pace.turn()
        run = self._run
        if run.cap_usd is None:
            try:
                yield
            finally:
                self._settled = self._spending.usd  # whoever sets a cap later finds it in the ledger of calls
            return
        each = run.call_usd or 0.0
        async with self._under_way.one_more(lambda: self._runs.commit(run.id, each), cap_usd=run.cap_usd):
            try:
                yield
            finally:
                spent = self._spending.usd - self._settled
                self._settled = self._spending.usd
                await self._runs.settle(run.id, spent - each)


async def _spent(session: AsyncSession, run: ScoringRow) -> float:
    unknown = case((col(CallRow.outcome).in_(BILLED), run.call_usd or 0.0), else_=0.0)
    spent = select(func.sum(func.coalesce(col(CallRow.cost_usd), unknown))).where(*_calls(run))
    return float((await session.exec(spent)).one() or 0.0)


def _calls(run: ScoringRow) -> tuple[ColumnElement[bool], ...]:
    """The calls that this run has made: those of its model about conversations of its study, since it began."""
    of_study = (
        select(DialogueRow.id)
        .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
        .where(col(ParticipantRow.slug) == run.slug)
    )
    return (
        col(CallRow.role) == ModelRole.JUDGE.value,
        col(CallRow.model) == run.model,
        col(CallRow.started_at) >= run.began_at,
        col(CallRow.purpose).in_(of_study),
    )
