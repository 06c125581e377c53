"""Bringing a database to the present schema, also when several processes start at once."""

from __future__ import annotations

import glob
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from core.errors import Unusable
from server.storage.database import Database
from server.storage.open_files import length

_LOCK = 7_305_001
"""Any fixed number: the advisory lock that lets one process migrate while the others wait."""


def config(connection: Connection) -> Config:
    """Alembic's configuration for one connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    made.attributes["connection"] = connection
    return made


async def migrate(database: Database) -> None:
    """Create or upgrade the schema. Raises `Unusable` when the database cannot be reached or written."""
    if database.file is not None:
        open_once(database.file)
    try:
        async with database.engine.execution_options(writing=True).begin() as connection:
            await connection.run_sync(_upgrade)
        if database.is_sqlite:
            async with database.engine.connect() as connection:
                await connection.run_sync(_checkpoint)
    except (DBAPIError, sqlite3.Error, OSError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise Unusable(f"the database cannot be used: {reason}") from None


def check_nothing_is_left(file: Path) -> None:
    """Raises `Unusable` where an empty database would take the place of one that was there before."""
    place = file.resolve()
    log = Path(f"{place}-wal")
    if length(log) > 0 and length(place) == 0:  # in this order: who begins a database fills it before its log
        raise Unusable(
            f"there is no database at {place}, only its log {log.name}: put the database back, or move that away"
        )
    if os.path.lexists(place):
        return
    if file.is_symlink():
        raise Unusable(f"the database {file} is a link to {place}, where nothing is: mend the link, or remove it")
    for rescued in sorted(place.parent.glob(f"{glob.escape(place.name)}.rescued-*")):
        raise Unusable(f"there is no database at {place}, but {rescued.name} beside it: rename that, or move it away")


def open_once(file: Path) -> None:
    """Raises `Unusable` for a file that cannot be opened or is no database, before any pool begins to work on it.

    What would be lost by opening it is looked for first: SQLite deletes a log that has no database.
    """
    check_nothing_is_left(file)
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise Unusable(f"the database cannot be used: {file}: {error}") from None


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    command.upgrade(config(connection), "head")


def _checkpoint(connection: Connection) -> None:
    """Copy the log into the file, so that not even the schema stands in the log alone; the log stays as long as it is.

    Outside a transaction. Another program that is copying does no harm: what stands in the log counts as well.
    """
    cursor = connection.connection.cursor()
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    cursor.close()


async def is_current(database: Database) -> bool:
    """Whether the database answers and stands at the newest migration."""
    try:
        async with database.engine.connect() as connection:
            return await connection.run_sync(_is_at_head)
    except (OperationalError, OSError):
        return False


async def check_current(database: Database) -> None:
    """Raises `Unusable` unless the database exists and is up to date: for commands that must not create one."""
    if database.file is not None and not database.file.exists():
        raise Unusable(f"there is no database at {database.file}; is it the one the server uses (--database)?")
    if database.file is not None:
        open_once(database.file)
    if not await is_current(database):
        raise Unusable("the database cannot be read or is of another version; start `lendanear serve` on it once")


def _is_at_head(connection: Connection) -> bool:
    script = ScriptDirectory.from_config(config(connection))
    return str(MigrationContext.configure(connection).get_current_revision()) == script.get_current_head()
