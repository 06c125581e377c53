"""Migrations: up, down and up again, to exactly the program's tables, also when several processes start at once."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

import server.storage.tables  # noqa: F401 - registers the tables
from core.errors import Unusable
from server.storage.database import Database
from server.storage.migrate import check_current, config, is_current, migrate

OURS = set(SQLModel.metadata.tables)


async def on(database_url: str, act: Any) -> Any:
    """What `act` says of a connection in a transaction of its own."""
    database = Database(database_url)
    try:
        async with database.engine.execution_options(writing=True).begin() as connection:
            return await connection.run_sync(act)
    finally:
        await database.close()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def differences(connection: Connection) -> list[Any]:
    """What autogenerate would change; the job engine's tables are not ours."""
    options = {
        "compare_type": True,
        "include_name": lambda name, kind, _: kind != "table" or name in OURS,
        "target_metadata": SQLModel.metadata,
    }
    found: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata)
    return found


async def test_a_new_sqlite_file_holds_its_tables_itself(tmp_path: Path) -> None:
    """Who copies the file alone, while the server runs, at least has a database; the log stays as it was."""
    database = Database(f"sqlite:///{tmp_path / 'study.db'}")
    await migrate(database)
    shutil.copy(tmp_path / "study.db", tmp_path / "copy.db")
    await database.close()

    assert await on(f"sqlite:///{tmp_path / 'copy.db'}", tables) == OURS


async def test_up_down_and_up_again(database_url: str) -> None:
    """Upgraded, the database is what the program says; downgraded, nothing is left; upgraded again, all is there."""
    database = Database(database_url)
    await migrate(database)
    assert await is_current(database)
    await database.close()
    assert await on(database_url, tables) == OURS
    assert await on(database_url, differences) == []

    await on(database_url, lambda connection: command.downgrade(config(connection), "base"))
    assert await on(database_url, tables) == set()

    await on(database_url, lambda connection: command.upgrade(config(connection), "head"))
    assert await on(database_url, differences) == []


async def test_what_is_no_token_leaves_the_tokens(database_url: str) -> None:
    """Forms were once known by rows among the tokens; those go, and everybody's token stays."""

    def fill(connection: Connection) -> None:
        command.upgrade(config(connection), "0003")
        for statement in (
            "INSERT INTO study_version (hash, slug, bundle, seed, next_slot, next_pilot_slot, loaded_at)"
            " VALUES ('h', 's', '{}', 1, 0, 0, 1)",
            "INSERT INTO participant"
            " (id, slug, study_hash, pilot, status, entered_at, scenario_order, position, time_factor)"
            " VALUES ('p', 's', 'h', false, 'active', 1, '[]', 0, 1.0)",
            "INSERT INTO token (hash, participant_id, issued_at) VALUES ('form:0a', 'p', 1), ('0b', 'p', 1)",
        ):
            connection.execute(text(statement))

    await on(database_url, fill)
    await on(database_url, lambda connection: command.upgrade(config(connection), "head"))

    kept = await on(database_url, lambda connection: connection.execute(text("SELECT hash FROM token")).scalars().all())
    assert kept == ["0b"]


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    """A database that is up to date is left as it is."""
    database = Database(database_url)
    for _ in range(2):
        await migrate(database)
    assert await is_current(database)
    await database.close()


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    """Three processes at once on an empty database: all succeed, and the database is whole."""
    program = (
        "import asyncio, sys; from server.storage.database import Database; from server.storage.migrate import migrate;"
        "asyncio.run(migrate(Database(sys.argv[1])))"
    )
    starting = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, database_url, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    told = await asyncio.gather(*(process.communicate() for process in starting))

    assert [process.returncode for process in starting] == [0, 0, 0], told
    assert await on(database_url, differences) == []


async def test_commands_do_not_create_a_database(tmp_path: Any) -> None:
    """Where there is none, `check_current` says so and makes none."""
    database = Database(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(Unusable, match="there is no database"):
        await check_current(database)
    await database.close()
    assert not list(tmp_path.iterdir())
