"""Files of an SQLite database that somebody deletes while it is open: nothing acknowledged is lost with them."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.storage.database import Database
from server.storage.keeper import LOOKS_EVERY_S, kept
from server.storage.log import Log, LogUnavailable
from server.storage.probe import Probe
from tests.server.client import eventually
from tests.server.test_log_writer import entry, prepare


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "study.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    """A database on `file` with three dialogues in which nothing has happened."""
    database = Database(f"sqlite:///{file}")
    await prepare(database)
    async with kept(database):
        yield database
    await database.close()


@pytest.fixture
async def log(database: Database) -> AsyncIterator[Log]:
    """The database's log, with one line acknowledged."""
    log = Log(database)
    log.start()
    await log.append("a", [entry(1)])
    yield log
    await log.stop()


def stored(file: Path) -> list[int]:
    """What another program finds in a sound database."""
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [seq for (seq,) in other.execute("SELECT seq FROM event WHERE dialogue_id = 'a' ORDER BY seq")]


def beside(file: Path) -> list[Path]:
    """What lies in the folder of the database."""
    return list(file.parent.iterdir())


def delete(file: Path, *endings: str) -> None:
    for ending in endings:
        Path(f"{file}{ending}").unlink()


async def refuses(log: Log) -> None:
    """Nothing is acknowledged, nor shown as stored."""
    with pytest.raises(LogUnavailable):
        await log.append("a", [entry(2)])
    with pytest.raises(LogUnavailable):
        await log.read("a")


async def takes(log: Log, seq: int) -> bool:
    try:
        await log.append("a", [entry(seq)])
    except LogUnavailable:
        return False
    return True


@pytest.mark.parametrize("endings", [["-wal"], ["-shm"], ["-wal", "-shm"]], ids=["log", "locks", "both"])
async def test_a_deleted_companion_costs_nothing(log: Log, database: Database, file: Path, endings: list[str]) -> None:
    """The commit that meets it is refused; within moments the server has mended it, and all that was told stands."""
    delete(file, *endings)

    await refuses(log)
    assert not await Probe(database).can_write()

    await eventually(lambda: takes(log, 3))
    assert await Probe(database).can_write()
    read = [found.seq for found in await log.read("a")]
    assert (read[0], read[-1]) == (1, 3)
    assert stored(file) == read


async def test_a_log_deleted_while_nobody_writes_is_mended_too(log: Log, file: Path) -> None:
    """Whatever was in it is in the database file before anybody else asks."""
    with capture_logs() as said:
        delete(file, "-wal")
        await eventually(lambda: any("mended:" in line["event"] for line in said))

    assert f"{file}-wal is gone" in [line.get("fault") for line in said]
    assert stored(file) == [1]


async def test_a_log_that_somebody_has_begun_anew_is_not_mixed_with_ours(log: Log, file: Path) -> None:
    """Two histories would be a broken database: ours stands still, and the operator is told what to close."""
    log_file = Path(f"{file}-wal")
    other = Path(shutil.copy(log_file, f"{file}-other"))
    with capture_logs() as said:
        shutil.move(other, log_file)
        await asyncio.sleep(3 * LOOKS_EVERY_S)
        await refuses(log)

    assert any("another program" in line.get("advice", "") for line in said)


async def test_what_a_deleted_database_held_is_rescued(log: Log, file: Path) -> None:
    """It is written to a file beside, which the server names; nothing is taken, and no empty database is made."""
    with capture_logs() as said:
        delete(file, "", "-wal", "-shm")
        await eventually(lambda: any("rescued" in line.get("advice", "") for line in said))
    await refuses(log)

    [rescued] = beside(file)
    assert stored(rescued) == [1]


async def test_a_database_that_was_moved_is_not_copied(log: Log, file: Path) -> None:
    """What it held is where it was moved to; once it is back, work goes on."""
    with capture_logs() as said:
        away = shutil.move(file, file.with_name("away"))
        await eventually(lambda: any("put the file back" in line.get("advice", "") for line in said))
    await refuses(log)
    assert {path.name for path in beside(file)} == {"away", "study.db-wal", "study.db-shm"}

    shutil.move(away, file)
    await eventually(lambda: takes(log, 3))
