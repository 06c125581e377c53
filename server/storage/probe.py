"""Whether the storage can be written right now: asked by storing, since a full or locked one can still be read."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import text

from server.storage.database import STORAGE_FAULTS, Database

ANSWERS_WITHIN_S = 2.0
"""A storage that takes longer is not one that people should be sent to."""
KEPT_S = 1.0
"""How long an answer holds: however often the question is put, one write a second is made for it."""

MOST_VERSIONS = 2**31


class Probe:
    """Asks one database, once at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking: asyncio.Task[bool] | None = None
        self._asked_at = 0.0

    async def can_write(self) -> bool:
        """Whether something could be stored just now, or a moment ago."""
        if self._asking is None or (self._asking.done() and time.monotonic() - self._asked_at > KEPT_S):
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._write(), name="storage probe")
        done, _ = await asyncio.wait({self._asking}, timeout=ANSWERS_WITHIN_S)
        return bool(done) and self._asking.result()

    async def _write(self) -> bool:
        try:
            async with self._database.writing() as session:
                await (await session.connection()).execute(text(self._least()))
        except STORAGE_FAULTS:
            return False
        return True

    def _least(self) -> str:
        """The least that has to reach the disk before a transaction ends; nobody reads it."""
        if self._database.is_sqlite:
            return f"PRAGMA user_version = {time.monotonic_ns() % MOST_VERSIONS}"
        return "SELECT pg_current_xact_id()"
