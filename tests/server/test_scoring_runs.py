"""Two commands that begin the same run in the same instant: there is one run, and both go on with it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from server.scoring.runs import Runs
from server.storage.database import Database
from server.storage.migrate import migrate
from server.storage.tables import ScoringRow
from tests.server.client import eventually
from tests.server.conftest import new_database

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def scoring_row(**more: Any) -> ScoringRow:
    row = {"id": "run", "slug": "study", "rubric": "empathy", "rubric_version": "1", "model": "openai:fake"}
    return ScoringRow(**row, began_at=0, **more)


@pytest.mark.postgres
async def test_a_run_that_somebody_else_has_just_begun_is_gone_on_with(postgres: str) -> None:
    """Under the second's cap and the more repeats, and without losing what the first has set aside by then."""
    database = Database(new_database(postgres))
    await migrate(database)

    async with database.writing() as first:
        first.add(scoring_row(repeats=3, cap_usd=5.0, committed_usd=2.0))
        await first.flush()
        second = asyncio.create_task(Runs(database).begin(scoring_row(repeats=1, cap_usd=9.0)))
        await eventually(lambda: _is_anybody_waiting(database))
    begun = await second

    [stored] = await Runs(database).all()
    assert begun == stored
    assert (stored.repeats, stored.cap_usd, stored.committed_usd) == (3, 9.0, 2.0)
    await database.close()


async def test_what_a_killed_process_had_set_aside_counts_for_good(tmp_path: Path) -> None:
    """Its calls were probably billed, and their rows of the ledger were lost with it."""
    database = Database(f"sqlite:///{tmp_path / 'study.db'}")
    await migrate(database)
    runs = Runs(database)
    await runs.begin(scoring_row(repeats=1, cap_usd=1.0))
    assert await runs.commit("run", 0.75)

    await runs.begin(scoring_row(repeats=1, cap_usd=1.0))

    assert not await runs.commit("run", 0.5)
    assert await runs.commit("run", 0.25)
    await database.close()


async def _is_anybody_waiting(database: Database) -> bool:
    """Whether a transaction of this database waits for another one."""
    async with database.engine.connect() as connection:
        return bool((await connection.execute(text(WAITING))).scalar_one())
