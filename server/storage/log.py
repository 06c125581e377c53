"""The dialogue log: read whole, and appended by one thread that commits in groups."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue

import orjson
from sqlalchemy import select

from core.events import Entry, from_payload, to_payload
from server.storage.database import STORAGE_FAULTS, Database
from server.storage.log_writer import LogConflict, LogUnavailable, LogWriter, Row, log_writer
from server.storage.tables import EventRow

__all__ = ["Log", "LogConflict", "LogUnavailable", "entry_of", "row_of"]

MAX_GROUP = 512
"""Appends that one commit carries at the most; the next group collects while this one is written."""

_EVENTS = EventRow.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class _Append:
    rows: list[Row]
    done: asyncio.Future[None]
    error: Exception | None = None


class Log:
    """The log of all dialogues. `append` returns when the entries are durable; nobody is told anything before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: SimpleQueue[_Append | None] = SimpleQueue()
        self._has_ended: asyncio.Event | None = None

    def start(self) -> None:
        self._has_ended = asyncio.Event()
        work = _Work(self._waiting, log_writer(self._database), asyncio.get_running_loop(), self._has_ended)
        threading.Thread(target=work.run, name="log writer", daemon=True).start()

    async def stop(self) -> None:
        """Write what waits, then end."""
        if self._has_ended is not None:
            self._waiting.put(None)
            await self._has_ended.wait()

    async def read(self, dialogue_id: str) -> list[Entry]:
        """All entries of a dialogue in order. Raises `LogUnavailable` when the storage fails."""
        query = (
            select(_EVENTS.c.seq, _EVENTS.c.at, _EVENTS.c.kind, _EVENTS.c.payload)
            .where(_EVENTS.c.dialogue_id == dialogue_id)
            .order_by(_EVENTS.c.seq)
        )
        try:
            async with self._database.engine.connect() as connection:
                rows = (await connection.execute(query)).all()
        except STORAGE_FAULTS as error:
            raise LogUnavailable(type(error).__name__) from error
        return [entry_of(row.seq, row.at, row.kind, row.payload) for row in rows]

    async def append(self, dialogue_id: str, entries: Sequence[Entry]) -> None:
        """Make `entries` durable, all or none.

        Raises `LogConflict` when one of their places is taken, `LogUnavailable` when the storage fails. What no row can
        hold is a bug, and is told by the driver's own error.
        """
        if not entries:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiting.put(_Append([row_of(dialogue_id, entry) for entry in entries], done))
        await done


class _Work:
    """What the log's thread does until it is handed None."""

    def __init__(
        self,
        waiting: SimpleQueue[_Append | None],
        writer: LogWriter,
        loop: asyncio.AbstractEventLoop,
        has_ended: asyncio.Event,
    ) -> None:
        self._waiting = waiting
        self._writer = writer
        self._loop = loop
        self._has_ended = has_ended

    def run(self) -> None:
        while (group := self._next_group()) is not None:
            self._write(group)
            self._loop.call_soon_threadsafe(_settle, group)
        self._writer.close()
        self._loop.call_soon_threadsafe(self._has_ended.set)

    def _next_group(self) -> list[_Append] | None:
        """Everything that waits, once something does; None at the end."""
        first = self._waiting.get()
        if first is None:
            return None
        group = [first]
        while len(group) < MAX_GROUP and not self._waiting.empty():
            if (append := self._waiting.get()) is None:
                self._waiting.put(None)
                break
            group.append(append)
        return group

    def _write(self, group: list[_Append]) -> None:
        """One commit for all; when rows of it are refused, one for each, so that it is told whom it concerns."""
        try:
            self._writer.write([row for append in group for row in append.rows])
        except Exception as error:  # every waiter must hear of it
            if len(group) == 1 or isinstance(error, LogUnavailable):
                for append in group:
                    append.error = error
                return
            for append in group:
                self._write([append])


def _settle(group: Sequence[_Append]) -> None:
    """Tell the waiters of a group how it went; who has gone away need not hear."""
    for append in group:
        if append.done.done():
            continue
        if append.error is None:
            append.done.set_result(None)
        else:
            append.done.set_exception(append.error)


def row_of(dialogue_id: str, entry: Entry) -> Row:
    """An entry as a row of the table."""
    payload = orjson.dumps(to_payload(entry.event)).decode()
    return Row(dialogue_id, entry.seq, entry.at, entry.event.kind, payload)


def entry_of(seq: int, at: int, kind: str, payload: str) -> Entry:
    """A row of the table as an entry."""
    return Entry(seq=seq, at=at, event=from_payload(kind, orjson.loads(payload)))
