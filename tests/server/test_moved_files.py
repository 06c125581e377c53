"""A database that was moved, emptied or left without its log's other half: no empty one is made in its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from core.errors import Unusable
from server.storage.database import Database
from server.storage.keeper import kept
from server.storage.log import Log
from server.storage.migrate import check_current, migrate
from tests.server.client import eventually
from tests.server.test_deleted_files import beside, database, delete, file, log, refuses, stored, takes
from tests.server.test_log_writer import entry, prepare

__all__ = ["database", "file", "log"]


def move(file: Path, away: Path, *, leaves_link: bool = False) -> None:
    away.parent.mkdir(exist_ok=True)
    file.replace(away)
    if leaves_link:
        file.symlink_to(away)


def lead(link: Path, to: Path) -> None:
    """Make a link, or have it lead elsewhere."""
    link.unlink(missing_ok=True)
    link.symlink_to(to)


async def start_on(place: Path) -> None:
    """What a server does first."""
    database = Database(f"sqlite:///{place}")
    try:
        await migrate(database)
    finally:
        await database.close()


async def test_a_database_moved_with_a_link_left_behind_is_noticed(log: Log, file: Path, tmp_path: Path) -> None:
    """SQLite would begin another log where the link leads; once the file is back, work goes on."""
    away = tmp_path / "elsewhere" / "study.db"
    with capture_logs() as said:
        move(file, away, leaves_link=True)
        await refuses(log)
        await eventually(lambda: any("put the file back" in line.get("advice", "") for line in said))
    assert beside(away) == [away]

    move(away, file)
    await eventually(lambda: takes(log, 3))


async def test_an_emptied_database_is_noticed(log: Log, file: Path) -> None:
    """What is written over it would make a database of a few pages; putting it back would not help."""
    with capture_logs() as said:
        os.truncate(file, 0)
        await refuses(log)
        await eventually(lambda: any("go back to a backup" in line.get("advice", "") for line in said))


async def test_a_database_behind_a_link_is_watched_where_it_is(tmp_path: Path) -> None:
    """The log stands beside the file, not beside the link; a link that leads elsewhere is noticed, too."""
    file, link, other = tmp_path / "a.db", tmp_path / "study.db", tmp_path / "other.db"
    await start_on(file)
    lead(link, file)
    database = Database(f"sqlite:///{link}")
    await prepare(database)
    async with kept(database):
        log = Log(database)
        log.start()
        await log.append("a", [entry(1)])

        lead(link, other)
        await refuses(log)
        lead(link, file)
        delete(file, "-wal")
        await refuses(log)

        await eventually(lambda: takes(log, 3))
        await log.stop()
    await database.close()
    assert not other.exists()
    assert stored(link)[-1] == 3


async def test_a_command_that_only_reads_leaves_the_log_of_an_emptied_database(tmp_path: Path) -> None:
    """SQLite would delete it at the first look."""
    file, log = tmp_path / "study.db", tmp_path / "study.db-wal"
    file.touch()
    log.write_bytes(b"what was acknowledged")
    database = Database(f"sqlite:///{file}")

    with pytest.raises(Unusable, match=log.name):
        await check_current(database)

    await database.close()
    assert log.read_bytes() == b"what was acknowledged"


@pytest.mark.parametrize("leaves", ["log", "link", "rescued"])
async def test_no_empty_database_takes_the_place_of_one_that_was_there(tmp_path: Path, leaves: str) -> None:
    """SQLite would delete a log without a database, and make one where a link leads to nothing."""
    file = tmp_path / "study.db"
    left = {"log": "study.db-wal", "link": "study.db", "rescued": "study.db.rescued-20261121T200000"}[leaves]
    if leaves == "link":
        file.symlink_to(tmp_path / "gone.db")
    else:
        (tmp_path / left).write_bytes(b"what was acknowledged")

    with pytest.raises(Unusable, match=left):
        await start_on(file)

    assert beside(file) == [tmp_path / left]


async def test_an_empty_file_without_a_log_is_begun(tmp_path: Path) -> None:
    """Nothing was in it."""
    (tmp_path / "study.db").touch()

    await start_on(tmp_path / "study.db")
