"""SQLite's log and its index, cut short under the server: no loss goes unsaid, and no alarm is false."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.storage.database import Database
from server.storage.keeper import LOOKS_EVERY_S, kept
from server.storage.log import Log, LogUnavailable
from server.storage.probe import Probe
from server.storage.tables import ProcessRow
from tests.server.test_deleted_files import database, file, log, refuses, stored
from tests.server.test_log_writer import DIALOGUES, entry

__all__ = ["database", "file", "log"]

LINES = 60
"""What each dialogue is told in the storm."""


def log_bytes(file: Path) -> int:
    return Path(f"{file}-wal").stat().st_size


def checkpoint(file: Path, mode: str) -> None:
    """Have another program copy the log into the database."""
    with closing(sqlite3.connect(file)) as other:
        other.execute(f"PRAGMA wal_checkpoint({mode})")


@pytest.mark.parametrize("left", [0, 5_000], ids=["emptied", "all but its first page"])
async def test_nothing_is_taken_once_the_log_was_cut(log: Log, database: Database, file: Path, left: int) -> None:
    """What it held is gone, and every line after it would be: none is acknowledged, and the operator is told why."""
    with capture_logs() as said:
        os.truncate(f"{file}-wal", left)
        await refuses(log)
        await asyncio.sleep(2 * LOOKS_EVERY_S)
        await refuses(log)

    assert not await Probe(database).can_write()
    assert [line["fault"] for line in said if "fault" in line] == [f"{file}-wal was cut short"]


async def test_a_log_begun_anew_is_cut_below_what_it_once_held(log: Log, file: Path) -> None:
    """Most of such a file is what was copied long ago; the frames at its beginning stand nowhere else."""
    checkpoint(file, "RESTART")
    await log.append("a", [entry(2)])
    os.truncate(f"{file}-wal", 5_000)

    await refuses(log)


async def test_log_and_index_cut_together_are_noticed(log: Log, file: Path) -> None:
    """An index that is made anew from an empty log would say that nothing is missing."""
    os.truncate(f"{file}-shm", 0)
    os.truncate(f"{file}-wal", 0)

    await refuses(log)


async def test_a_log_that_another_program_has_emptied_well_is_gone_on_with(log: Log, file: Path) -> None:
    """Whoever has copied it into the database first, as programs that make backups do, has taken nothing."""
    checkpoint(file, "TRUNCATE")
    assert log_bytes(file) == 0

    await log.append("a", [entry(2)])

    assert stored(file) == [1, 2]


async def test_an_index_that_was_cut_is_made_anew(log: Log, file: Path) -> None:
    """It holds nothing of its own: lines go on to be taken, and nobody is told of anything."""
    for seq in range(2, 20):
        os.truncate(f"{file}-shm", 0)
        await log.append("a", [entry(seq)])

    assert stored(file) == list(range(1, 20))


async def test_a_database_left_by_a_kill_is_gone_on_with(log: Log, file: Path, tmp_path: Path) -> None:
    """Its files as they stand while the server has them open are what a killed one leaves."""
    left = tmp_path / "left" / "study.db"
    left.parent.mkdir()
    for ending in ("", "-wal", "-shm"):
        shutil.copy(f"{file}{ending}", f"{left}{ending}")

    after = Database(f"sqlite:///{left}")
    async with kept(after):
        later = Log(after)
        later.start()
        for seq in range(2, 12):
            await later.append("a", [entry(seq)])
        await later.stop()
    await after.close()

    assert stored(left) == list(range(1, 12))


async def test_no_line_is_refused_while_many_write_and_the_log_is_copied_and_emptied(
    log: Log, database: Database, file: Path
) -> None:
    """A seeded storm: lines, signs of life and a ledger's rows, from three threads, and another program's checkpoints.

    After all of it the log is cut, and that is noticed.
    """
    draw = random.Random(21)

    async def talk(dialogue: str) -> None:
        for seq in range(2, LINES):
            await log.append(dialogue, [entry(seq)])

    async def show_life() -> None:
        for at in range(LINES):
            async with database.writing() as session:
                await session.merge(ProcessRow(name="p", alive_at=at))

    async def keep_calls() -> None:
        for at in range(LINES):
            await database.write_in_thread(lambda session, at=at: session.add(ProcessRow(name=f"{at}", alive_at=at)))

    async def copy() -> None:
        for _ in range(LINES):
            mode = draw.choice(["PASSIVE", "RESTART", "TRUNCATE"])
            await asyncio.to_thread(checkpoint, file, mode)
            await asyncio.sleep(draw.uniform(0, 0.01))

    await asyncio.gather(*(talk(dialogue) for dialogue in DIALOGUES), show_life(), keep_calls(), copy())
    assert stored(file) == list(range(1, LINES))

    await log.append("a", [entry(LINES)])
    os.truncate(f"{file}-wal", 0)
    with pytest.raises(LogUnavailable):
        await log.append("a", [entry(LINES + 1)])
