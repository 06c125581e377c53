"""Background work goes on after a failure, and what waits for the ledger is written whoever stops it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func
from sqlmodel import select

from llm.ledger import Attempt
from llm.prices import Certainty, Cost
from llm.reply import Usage
from llm.request import ModelRole, Prompt
from server.background import end, repeat
from server.ledger import DatabaseLedger
from server.storage.database import Database
from server.storage.migrate import migrate
from server.storage.tables import CallRow
from tests.server.client import eventually


async def test_work_that_fails_is_done_again() -> None:
    """One failure does not end what is to be done again and again."""
    done: list[int] = []

    async def work() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise OSError("away for a moment")

    task = asyncio.create_task(repeat(work, every_s=0.01, name="test"))
    await eventually(lambda: len(done) >= 3)
    await end(task)

    assert task.cancelled()


def _attempt() -> Attempt:
    return Attempt(
        role=ModelRole.SEEKER,
        model="scripted:1",
        purpose="a dialogue",
        number=1,
        prompt_version="seeker/1",
        prompt_hash="0" * 12,
        parameters={},
        started_at=datetime.now(UTC),
        first_token_ms=None,
        total_ms=1,
        outcome="ok",
        error="",
        status=None,
        usage=Usage(),
        cost=Cost(usd=None, certainty=Certainty.UNKNOWN),
        prompt=Prompt(version="seeker/1", hash="0" * 12, messages=()),
        raw="",
    )


async def test_a_ledger_that_stops_in_mid_write_writes_everything_once(tmp_path: Path) -> None:
    """Attempts noted before the stop are in the database after it, none twice, also when a write was under way."""
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    await migrate(database)
    ledger = DatabaseLedger(database)
    ledger.start()
    for _ in range(500):
        ledger.record(_attempt())
    await asyncio.sleep(0)

    await ledger.stop()

    async with database.reading() as session:
        written = (await session.exec(select(func.count()).select_from(CallRow))).one()
    await database.close()
    assert written == 500
