"""Several processes on one PostgreSQL: a lease that shows who lives, and word of dialogues that have grown.

One connection of its own holds an advisory lock under the process's name and listens; when it is lost, so may be some
word, and everything is looked at again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid
import zlib
from collections.abc import Awaitable, Callable

import psycopg
import structlog
from sqlalchemy import text

from core.errors import Unusable
from server.background import end
from server.storage.database import POSTGRESQL_LIMITS, POSTGRESQL_NOTICES, STORAGE_FAULTS, Database

CHANNEL = "lendanear"
TRY_AGAIN_S = 1.0
_SEPARATOR = " "
_IS_FREE = text("SELECT pg_try_advisory_xact_lock_shared(:key)")
"""A shared lock, given back with the transaction: those who ask at once do not take each other for the holder."""

log = structlog.get_logger()


def process_name() -> str:
    """A name that no other process has, nor ever had."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


class Presence:
    """This process among the others. On SQLite there are no others, and nothing is done."""

    def __init__(
        self,
        database: Database,
        name: str,
        *,
        on_word: Callable[[str], Awaitable[None]],
        on_silence: Callable[[], Awaitable[None]],
    ) -> None:
        """`on_word` is told the id of a dialogue that another process has appended to; `on_silence` after an outage."""
        self.name = name
        self._database = database
        self._on_word = on_word
        self._on_silence = on_silence
        self._listener: asyncio.Task[None] | None = None
        self._sent: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take the lease and listen, before anything is done under the name. Raises `Unusable` when that fails."""
        if self._database.is_sqlite:
            return
        try:
            connection = await self._connected()
        except (psycopg.Error, OSError) as error:
            raise Unusable(f"this process could not make itself known in PostgreSQL: {error}") from None
        self._listener = asyncio.create_task(self._stay(connection), name="presence")

    async def stop(self) -> None:
        """Give the lease up."""
        await end(self._listener)

    def tell(self, dialogue_id: str) -> None:
        """Tell the others that a dialogue has grown; whoever misses it finds out by the log."""
        if not self._database.is_sqlite:
            task = asyncio.create_task(self._tell(dialogue_id))
            self._sent.add(task)
            task.add_done_callback(self._sent.discard)

    async def is_dead(self, name: str) -> bool:
        """Whether nobody holds the lease of `name`: the process has ended, however it did."""
        if self._database.is_sqlite or not name:
            return True
        async with self._database.engine.connect() as connection:
            asked = await connection.execute(_IS_FREE, {"key": key(name)})
            return bool(asked.scalar_one())

    async def _tell(self, dialogue_id: str) -> None:
        word = {"channel": CHANNEL, "payload": f"{self.name}{_SEPARATOR}{dialogue_id}"}
        with contextlib.suppress(*STORAGE_FAULTS):
            async with self._database.engine.begin() as connection:
                await connection.execute(text("SELECT pg_notify(:channel, :payload)"), word)

    async def _stay(self, connection: psycopg.AsyncConnection | None) -> None:
        """Hold the lease and listen for as long as the process lives, through every loss of the connection."""
        while True:
            try:
                is_back = connection is None
                async with connection or await self._connected() as held:
                    if is_back:
                        await _heard(self._on_silence())
                    await self._listen(held)
            except (psycopg.Error, OSError) as error:
                log.warning("presence lost", reason=type(error).__name__)
            except Exception:  # the outermost loop: a living process without its lease counts as dead
                log.exception("presence lost")
            connection = None
            await asyncio.sleep(TRY_AGAIN_S)

    async def _connected(self) -> psycopg.AsyncConnection:
        """A connection that holds the lease and listens. Raises `psycopg.Error`."""
        address = self._database.url.replace("postgresql+psycopg", "postgresql", 1)
        connection = await psycopg.AsyncConnection.connect(address, autocommit=True, **POSTGRESQL_LIMITS)
        try:
            await connection.execute(POSTGRESQL_NOTICES)
            await connection.execute("SELECT pg_advisory_lock(%s)", (key(self.name),))
            await connection.execute(f"LISTEN {CHANNEL}")
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _listen(self, connection: psycopg.AsyncConnection) -> None:
        """Pass on what the others say until the connection is lost."""
        async for word in connection.notifies():
            sender, _, dialogue_id = word.payload.partition(_SEPARATOR)
            if sender != self.name:
                await _heard(self._on_word(dialogue_id))


async def _heard(work: Awaitable[None]) -> None:
    """Do what follows from word of the others; its failure must not cost the connection, and with it the lease."""
    try:
        await work
    except Exception:  # the outermost of what was told: whoever missed it finds out by the log
        log.exception("word not taken")


def key(name: str) -> int:
    """The advisory lock of a process's name."""
    return zlib.crc32(f"lendanear:{name}".encode())
