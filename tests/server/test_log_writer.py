"""Appending to the log: told when it is durable or somebody was first; the trouble of one append is its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from core.events import Alerted, Entry, Joined
from server.storage.database import Database
from server.storage.log import Log, LogConflict, LogUnavailable
from server.storage.migrate import migrate
from server.storage.tables import DialogueRow, ParticipantRow, StudyVersionRow
from tests.server.conftest import new_database

DIALOGUES = ("a", "b", "c")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with three dialogues in which nothing has happened."""
    database = Database(database_url)
    await prepare(database)
    yield database
    await database.close()


async def prepare(database: Database) -> None:
    await migrate(database)
    for row in (
        StudyVersionRow(hash="h", slug="s", bundle="{}", seed=1, loaded_at=0),
        ParticipantRow(id="p", slug="s", study_hash="h", entered_at=0),
        *(DialogueRow(id=name, participant_id="p", step_id=name, counterpart="seeker") for name in DIALOGUES),
    ):
        async with database.writing() as session:
            session.add(row)


def entry(seq: int) -> Entry:
    return Entry(seq, at=1_700_000_000_000 + seq, event=Alerted(seq=seq))


async def append_as_one_group(log: Log, *appends: tuple[str, list[Entry]]) -> list[BaseException | None]:
    """What each append is told; all of them wait before the writer begins, so that it takes them together."""
    waiting = [asyncio.create_task(log.append(dialogue, entries)) for dialogue, entries in appends]
    await asyncio.sleep(0)
    log.start()
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_is_acknowledged_is_in_the_log(database: Database) -> None:
    """Entries of many appends come back in order, read through another connection."""
    log = Log(database)
    log.start()
    await asyncio.gather(*(log.append(name, [entry(1), entry(2)]) for name in DIALOGUES))
    await log.append("a", [Entry(3, at=5, event=Joined("page", process="p1"))])
    await log.append("a", [])

    assert [one.seq for one in await log.read("a")] == [1, 2, 3]
    assert await log.read("b") == [entry(1), entry(2)]
    await log.stop()


async def test_who_was_late_hears_of_it_alone(database: Database) -> None:
    """In one group, an append whose place is taken fails whole, and the others are stored."""
    log = Log(database)
    told = await append_as_one_group(log, ("a", [entry(1)]), ("a", [entry(1), entry(2)]), ("b", [entry(1)]))

    assert [type(one) for one in told] == [type(None), LogConflict, type(None)]
    assert [one.seq for one in await log.read("a")] == [1]
    assert [one.seq for one in await log.read("b")] == [1]
    await log.stop()


async def test_what_no_row_can_hold_harms_nobody_else(database: Database) -> None:
    """An append that the database refuses for what is in it fails, not as in an outage; the others are stored."""
    log = Log(database)
    unfit = Entry(1, at=2**70, event=Alerted(seq=1))
    told = await append_as_one_group(log, ("a", [entry(1)]), ("b", [unfit]), ("c", [entry(1)]))

    assert [type(one) for one in told[::2]] == [type(None), type(None)]
    assert isinstance(told[1], Exception)
    assert not isinstance(told[1], LogUnavailable)
    assert [len(await log.read(name)) for name in DIALOGUES] == [1, 0, 1]
    await log.stop()


async def test_stopping_writes_what_waits(database: Database) -> None:
    """Whoever has appended before the end is told; that somebody no longer waits for the answer disturbs nobody."""
    log = Log(database)
    log.start()
    waiting = [asyncio.create_task(log.append("a", [entry(seq)])) for seq in (1, 2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await log.stop()
    await waiting[1]

    assert [one.seq for one in await log.read("a")] == [1, 2]


async def test_storage_that_comes_back_is_written_again(tmp_path: Path) -> None:
    """While the file cannot be opened an append is told so; with the first that can be stored all is well again."""
    folder = tmp_path / "away"
    database = Database(f"sqlite:///{folder / 'study.db'}")
    log = Log(database)
    log.start()
    with pytest.raises(LogUnavailable):
        await log.append("a", [entry(1)])
    folder.mkdir()
    await prepare(database)
    await log.append("a", [entry(1)])

    assert await log.read("a") == [entry(1)]
    await log.stop()
    await database.close()


@pytest.mark.postgres
async def test_a_connection_that_was_lost_is_replaced_unnoticed(postgres: str) -> None:
    """After a restart of PostgreSQL the next append goes through at once."""
    database = Database(new_database(postgres))
    await prepare(database)
    log = Log(database)
    log.start()
    await log.append("a", [entry(1)])
    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO event%'")
    await log.append("a", [entry(2)])

    assert [one.seq for one in await log.read("a")] == [1, 2]
    await log.stop()
    await database.close()
