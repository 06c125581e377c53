"""What writes the log: a plain connection of its own, on which every group of rows is one statement and one commit."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

import psycopg
from sqlalchemy import make_url

from server.storage.database import LOCKED_MS, POSTGRESQL_LIMITS, PRAGMAS, Database
from server.storage.sqlite_files import StorageMoved

LOOK_AGAIN_S = 0.002
_OWN_PRAGMAS = ("wal_autocheckpoint=0", "busy_timeout=0")
"""Those who write calls and answers, for which nobody waits, copy the write-ahead log back into the file."""


class LogConflict(Exception):
    """Another writer appended first: fold the log again and decide again."""


class LogUnavailable(Exception):
    """The storage cannot be written just now; nothing was stored."""


class Row(NamedTuple):
    """An entry as a row of the table `event`."""

    dialogue_id: str
    seq: int
    at: int
    kind: str
    payload: str


class LogWriter(Protocol):
    """Writes rows from the one thread that calls it; it connects when it first writes, and again after a failure."""

    def write(self, rows: Sequence[Row]) -> None:
        """Commit all rows or none. Raises `LogConflict` when a place is taken, or `LogUnavailable`.

        A row that holds what the database cannot store is a bug, and is told by the driver's own error.
        """

    def close(self) -> None:
        """Give the connection back."""


def log_writer(database: Database) -> LogWriter:
    """The writer for this kind of database."""
    if database.file is not None:
        return SqliteWriter(database, database.file)
    return PostgresqlWriter(make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False))


class SqliteWriter:
    """Writes to a file; a statement outside a transaction commits itself."""

    def __init__(self, database: Database, file: Path) -> None:
        self._database = database
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._use = threading.RLock()
        database.add_holder(self.close)

    def write(self, rows: Sequence[Row]) -> None:
        with self._use:
            self._write(rows)

    def close(self) -> None:
        """Give the connection back, also from another thread."""
        with self._use:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _write(self, rows: Sequence[Row]) -> None:
        try:
            self._database.check_known_place()  # a row in a log that is gone would mislead who has begun another
            if self._connection is None:
                self._connection = self._opened()
            _execute_soon(self._connection, _insert(len(rows)), [value for row in rows for value in row])
            self._database.check_place()
        except sqlite3.IntegrityError:
            raise LogConflict from None
        except sqlite3.DataError:
            raise
        except (sqlite3.Error, StorageMoved) as error:
            self.close()
            raise LogUnavailable(type(error).__name__) from error

    def _opened(self) -> sqlite3.Connection:
        """A connection on the terms that all others have, but for what would hold up an acknowledgement."""
        connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        for pragma in (*PRAGMAS, *_OWN_PRAGMAS):
            connection.execute(f"PRAGMA {pragma}")
        return connection


def _execute_soon(connection: sqlite3.Connection, statement: str, values: list[object]) -> None:
    """Execute as soon as another writer lets go; SQLite's own way of waiting looks after ever longer pauses."""
    deadline = time.monotonic() + LOCKED_MS / 1000
    while True:
        try:
            connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(LOOK_AGAIN_S)
        else:
            return


@lru_cache(maxsize=64)
def _insert(count: int) -> str:
    """One statement for all rows: with one for each, the thread would wait for the interpreter as often."""
    places = ", ".join(["(?, ?, ?, ?, ?)"] * count)
    return f"INSERT INTO event (dialogue_id, seq, at, kind, payload) VALUES {places}"  # noqa: S608 - question marks only


class PostgresqlWriter:
    """Writes over a connection that commits every statement, prepared once."""

    _INSERT = (
        "INSERT INTO event (dialogue_id, seq, at, kind, payload)"
        " SELECT * FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::text[], %s::text[])"
    )

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: psycopg.Connection | None = None

    def write(self, rows: Sequence[Row]) -> None:
        columns = [list(column) for column in zip(*rows, strict=True)]
        try:
            self._execute(columns)
        except psycopg.IntegrityError:
            raise LogConflict from None
        except psycopg.DataError:
            raise
        except psycopg.Error as error:
            raise LogUnavailable(type(error).__name__) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _execute(self, columns: list[list[object]]) -> None:
        """Insert; once more over a new connection when the old one turns out to be lost, as after a restart.

        Should the lost one have committed, the places are taken, and whoever appends finds its entries in the log.
        """
        if self._connection is not None:
            try:
                self._connection.execute(self._INSERT, columns)
            except psycopg.OperationalError:
                if not self._connection.broken:
                    raise
                self.close()
            else:
                return
        self._connection = psycopg.connect(self._address, autocommit=True, prepare_threshold=0, **POSTGRESQL_LIMITS)
        self._connection.execute(self._INSERT, columns)
