"""Keeps an SQLite database open throughout, and so can mend it when somebody deletes files under the server."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import structlog
from sqlalchemy.util import greenlet_spawn

from server.background import end, repeating
from server.storage.database import LOCKED_MS, Database
from server.storage.sqlite_files import SqliteFiles, StorageMoved

LOOKS_EVERY_S = 0.5
"""How soon a deleted file is noticed while nobody writes; a commit looks for itself."""
_BEGUN_ANEW = (
    "another program has opened the database since: close it, stop this server, and run PRAGMA integrity_check"
)
_CUT = "lines that were taken are lost: stop this server, keep a copy of its files, and go back to a backup"
_PUT_BACK = "put the file back at its place: its newest lines are in the log that stays there, and missing elsewhere"

log = structlog.get_logger()


@asynccontextmanager
async def kept(database: Database) -> AsyncIterator[None]:
    """The database is kept open for as long as the block runs; on PostgreSQL there is nothing to keep."""
    if database.files is None:
        yield
        return
    keeper = Keeper(database, database.files)
    await keeper.start()
    try:
        yield
    finally:
        await keeper.stop()


class Keeper:
    """Holds one connection that no pool closes: through it alone a deleted log can still be read to its end.

    A log that has vanished is first copied into the database file, then every connection is closed, and all begin with
    a new log. A database file that has vanished cannot be mended under way: what it held is written to a file beside.
    """

    def __init__(self, database: Database, files: SqliteFiles) -> None:
        self._database = database
        self._files = files
        self._connection: sqlite3.Connection | None = None
        self._watching: asyncio.Task[None] | None = None
        self._told: str | None = None

    async def start(self) -> None:
        await asyncio.to_thread(self._open)
        self._watching = repeating(self._look, every_s=LOOKS_EVERY_S, name="storage keeper")

    async def stop(self) -> None:
        await end(self._watching)
        self._close()

    async def _look(self) -> None:
        try:
            self._files.check()
        except StorageMoved as amiss:
            await self._mend_if_possible(str(amiss))
        else:
            self._told = None

    async def _mend_if_possible(self, amiss: str) -> None:
        try:
            self._files.check_main()
        except StorageMoved:
            await asyncio.to_thread(self._rescue, amiss)
            return
        try:
            self._files.check_nobody_has_begun_anew()
        except StorageMoved:
            self._tell(amiss, advice=_BEGUN_ANEW)
            return
        try:
            self._files.check_log()
        except StorageMoved as cut:
            self._tell(str(cut), advice=_CUT)
            return
        self._tell(amiss, advice="none: this server copies what was in it into the database and begins a new one")
        try:
            await self._begin_anew()
        except (sqlite3.Error, OSError) as error:
            log.warning("storage not mended yet", reason=str(error))
        else:
            log.warning("storage mended: nothing acknowledged is lost")

    async def _begin_anew(self) -> None:
        """Let everybody go who still holds the deleted files, and begin with new ones. Raises `sqlite3.Error`."""
        if self._connection is None:
            await asyncio.to_thread(self._open)
            return
        pool = self._database.engine.pool
        await self._database.engine.dispose(close=False)
        while pool.checkedout():  # type: ignore[attr-defined]  # noqa: ASYNC110 - a QueuePool, which tells nobody
            await asyncio.sleep(0.01)
        await greenlet_spawn(pool.dispose)
        await asyncio.to_thread(self._database.close_holders)
        await asyncio.to_thread(self._rejoin)

    def _rejoin(self) -> None:
        connection = self._connection
        assert connection is not None  # noqa: S101 - looked at by the caller
        [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("another program reads the database")
        self._close()
        self._open()

    def _rescue(self, amiss: str) -> None:
        """Write what a deleted file held to one beside it, once; a file that was only moved holds it still."""
        if amiss == self._told:
            return
        if self._connection is None or not self._files.is_deleted():
            self._tell(amiss, advice=_CUT if self._files.is_emptied() else _PUT_BACK)
            return
        rescued = f"{self._files.file}.rescued-{time.strftime('%Y%m%dT%H%M%S')}"
        try:
            with closing(sqlite3.connect(rescued)) as copy:
                self._connection.backup(copy)
        except sqlite3.Error as error:
            log.error("storage not rescued yet", file=rescued, reason=str(error))
            return
        self._tell(amiss, advice=f"all it held stands in {rescued}: stop this server and move that to its place")

    def _tell(self, amiss: str, *, advice: str) -> None:
        if amiss != self._told:
            self._told = amiss
            log.error("storage moved: nothing is taken until it is mended", fault=amiss, advice=advice)

    def _open(self) -> None:
        """Open the database and read from it, so that its companions are there and stay."""
        self._files.check_main()
        connection = sqlite3.connect(self._files.file, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout={LOCKED_MS}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self._connection = connection
        self._files.know_companions()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
