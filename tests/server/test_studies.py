"""Studies of a server: one row for each version, whoever loads it, and none for a copy under another name."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from core.errors import Unusable
from personas.bank import load_bank
from server.storage.database import Database
from server.storage.migrate import migrate
from server.storage.tables import StudyVersionRow
from server.studies import Studies
from server.times import now_ms
from tests.server.small_studies import FELT, write_study


async def test_two_studies_of_the_same_files_are_refused(tmp_path: Path) -> None:
    """A copied folder needs something of its own before it is served beside the first."""
    write_study(tmp_path / "studies" / "first", after=[FELT])
    shutil.copytree(tmp_path / "studies" / "first", tmp_path / "studies" / "second")
    database = Database(f"sqlite:///{tmp_path / 'study.db'}")
    await migrate(database)

    with pytest.raises(Unusable, match="'second' has the very files of 'first'"):
        await Studies(database, now=now_ms).load(tmp_path / "studies", scenarios=frozenset(load_bank()))
    await database.close()


async def test_processes_that_start_together_load_a_study_once(tmp_path: Path, database_url: str) -> None:
    """None of them fails because another was a moment earlier, and all know the same version."""
    write_study(tmp_path / "studies" / "first", after=[FELT])
    databases = [Database(database_url) for _ in range(6)]
    await migrate(databases[0])
    processes = [Studies(database, now=now_ms) for database in databases]
    scenarios = frozenset(load_bank())
    await asyncio.gather(*(studies.load(tmp_path / "studies", scenarios=scenarios) for studies in processes))

    assert len({studies.current("first").hash for studies in processes}) == 1
    async with databases[0].reading() as session:
        assert len((await session.exec(select(StudyVersionRow))).all()) == 1
    for database in databases:
        await database.close()
