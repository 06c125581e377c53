"""The database behind the tables: SQLite by default, PostgreSQL by URL; the same code on both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import Unusable
from server.storage.sqlite_files import SqliteFiles

DEFAULT_URL = "sqlite:///lendanear.db"
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
LOCKED_MS = 8_000
"""How long a writer waits for another program to let go; then people are told, before their pages give up waiting."""
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={LOCKED_MS}", "secure_delete=ON")
"""What every connection to an SQLite file is told first."""
POSTGRESQL_LIMITS: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""How every connection to PostgreSQL notices within 20 s that the other machine is gone; seconds, the last one
milliseconds."""
POSTGRESQL_NOTICES = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
    " SET tcp_user_timeout = 15000"
)
"""What PostgreSQL is told at once by the pool and by the lease: so it notices as soon that this machine is gone, where
it would hold their locks for two hours."""
STORAGE_FAULTS = (SQLAlchemyError, OSError)
"""What reading or writing raises while the storage is away; `StorageMoved` is one of the latter."""


def database_url(text: str) -> str:
    """The URL with the driver that this program brings; a bare path is an SQLite file. Raises `Unusable`."""
    if "://" not in text:
        text = f"sqlite:///{text}"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise Unusable(f"{text!r} is no database address; try sqlite:///study.db or postgresql://…") from None
    backend = url.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        raise Unusable(f"databases of the kind {backend!r} are not supported; use sqlite or postgresql")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise Unusable("an SQLite database needs a file: what is only in memory would be lost")
    return url.set(drivername=_DRIVERS[backend]).render_as_string(hide_password=False)


class Database:
    """One pool of connections; sessions that read, and sessions that write in one transaction."""

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self.file = Path(make_url(self.url).database or "") if self.is_sqlite else None
        """The SQLite file; None on PostgreSQL."""
        self.files = None if self.file is None else SqliteFiles(self.file)
        self.engine: AsyncEngine = create_async_engine(self.url, hide_parameters=True, **_pool_options(self.is_sqlite))
        self._plain = create_engine(_plain_url(self.url), hide_parameters=True, **_plain_options(self.is_sqlite))
        """For what is written in a thread: a connection for each time on SQLite, and a single one on PostgreSQL."""
        if self.is_sqlite:
            for engine in (self.engine.sync_engine, self._plain):
                _begin_immediately_when_writing(engine)
                event.listen(engine, "begin", lambda _: self.check_known_place())
                event.listen(engine, "do_connect", lambda *_: self.check_known_place())
        else:
            for engine in (self.engine.sync_engine, self._plain):
                event.listen(engine, "connect", lambda connection, _record: _give_notice(connection))
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        """Of its own: that of the event loop belongs to dbos, and ends before the last is written."""
        self._writing = self.engine.execution_options(writing=True)
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._holders: list[Callable[[], None]] = []

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads, and sees everything as it was at one instant."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        async with AsyncSession(self.engine.execution_options(**options), expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session whose one transaction commits at the end, or rolls back when the block raises.

        On SQLite the transaction takes the write lock at its start: what it reads is still so when it writes. Writers
        of this process come to it in turn, because SQLite itself lets whoever asks at the right moment go first. Raises
        `StorageMoved` when the file has been deleted or replaced, so that nobody is told of what is lost.
        """
        async with self._turn, AsyncSession(self._writing, expire_on_commit=False) as session, session.begin():
            yield session
        self.check_place()

    async def write_in_thread(self, work: Callable[[Session], None]) -> None:
        """Have `work` write as in `writing`, but in a thread: on SQLite the lock is held for no turn of the event loop.

        Who cancels this call does not stop the thread.
        """

        def write() -> None:
            with Session(self._plain.execution_options(writing=True)) as session, session.begin():
                work(session)

        async with self._turn:
            await asyncio.get_running_loop().run_in_executor(self._thread, write)
        self.check_place()

    def check_place(self) -> None:
        """Raises `StorageMoved` when a file of SQLite is not the one that is open."""
        if self.files is not None:
            self.files.check()

    def check_known_place(self) -> None:
        """The same before anything is opened; at the first time there is nothing to compare with."""
        if self.files is not None:
            self.files.check_known()

    def close_holders(self) -> None:
        """Have the connections closed that are in no pool."""
        for close in self._holders:
            close()

    def add_holder(self, close: Callable[[], None]) -> None:
        """Somebody has a connection of their own; `close` closes it, from any thread, until they open it again."""
        self._holders.append(close)

    async def close(self) -> None:
        await self.engine.dispose()
        self._plain.dispose()
        self._thread.shutdown(wait=False)


def _pool_options(is_sqlite: bool) -> dict[str, Any]:
    if is_sqlite:
        return {"connect_args": {"isolation_level": None}, "pool_size": 8, "max_overflow": 8}
    return {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True, "connect_args": POSTGRESQL_LIMITS}


def _plain_url(url: str) -> str:
    return url.replace("sqlite+aiosqlite", "sqlite", 1)


def _plain_options(is_sqlite: bool) -> dict[str, Any]:
    if is_sqlite:
        return {"connect_args": {"isolation_level": None}, "poolclass": NullPool}
    return {"pool_size": 1, "max_overflow": 0, "pool_pre_ping": True, "connect_args": POSTGRESQL_LIMITS}


def _give_notice(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(POSTGRESQL_NOTICES)
    cursor.close()
    connection.commit()


def _begin_immediately_when_writing(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
