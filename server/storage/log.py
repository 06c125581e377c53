"""The dialogue log: read whole, and appended by one writer that commits in groups."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import insert, select
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from core.events import Entry, from_payload, to_payload
from server.background import end
from server.storage.database import Database
from server.storage.tables import EventRow

MAX_GROUP = 512
"""Appends that one commit carries at the most; the next group collects while this one is written."""

_EVENTS = EventRow.__table__  # type: ignore[attr-defined]


class LogConflict(Exception):
    """Another writer appended first: fold the log again and decide again."""


class LogUnavailable(Exception):
    """The storage cannot be written just now; nothing was stored."""


@dataclass(slots=True)
class _Append:
    rows: list[dict[str, object]]
    done: asyncio.Future[None]


class Log:
    """The log of all dialogues. `append` returns when the entries are durable; nobody is told anything before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: asyncio.Queue[_Append] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._writer = asyncio.create_task(self._write_groups(), name="log writer")

    async def stop(self) -> None:
        """Write what waits, then end."""
        await self._waiting.join()
        await end(self._writer)

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
        except (SQLAlchemyError, OSError) as error:
            raise LogUnavailable(type(error).__name__) from error
        return [entry_of(row.seq, row.at, row.kind, row.payload) for row in rows]

    async def append(self, dialogue_id: str, entries: Sequence[Entry]) -> None:
        """Make `entries` durable, all or none.

        Raises `LogConflict` when one of their places is taken, `LogUnavailable` when the storage fails.
        """
        if not entries:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Append([row_of(dialogue_id, entry) for entry in entries], done))
        await done

    async def _write_groups(self) -> None:
        while True:
            group = [await self._waiting.get()]
            while len(group) < MAX_GROUP and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            try:
                await self._write_group(group)
            finally:
                for _ in group:
                    self._waiting.task_done()

    async def _write_group(self, group: list[_Append]) -> None:
        """One commit for all; when rows of it are refused, one for each, so that it is told whom it concerns."""
        try:
            await self._commit([row for append in group for row in append.rows])
        except (IntegrityError, DataError) as error:
            if len(group) == 1:
                _settle(group, _told(error))
            for append in group if len(group) > 1 else ():
                await self._write_group([append])
        except Exception as error:  # every waiter must hear of it
            _settle(group, _told(error))
        else:
            _settle(group, None)

    async def _commit(self, rows: list[dict[str, object]]) -> None:
        async with self._database.writing() as session:
            await session.execute(insert(_EVENTS), rows)


def _settle(group: Sequence[_Append], error: Exception | None) -> None:
    """Tell the waiters of a group how it went; who has gone away need not hear."""
    for append in group:
        if append.done.done():
            continue
        if error is None:
            append.done.set_result(None)
        else:
            append.done.set_exception(error)


def _told(error: Exception) -> Exception:
    """What a waiter is told of a failed commit."""
    if isinstance(error, IntegrityError):
        return LogConflict()
    return LogUnavailable(type(error).__name__) if isinstance(error, SQLAlchemyError | OSError) else error


def row_of(dialogue_id: str, entry: Entry) -> dict[str, object]:
    """An entry as a row of the table."""
    return {
        "dialogue_id": dialogue_id,
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.event.kind,
        "payload": orjson.dumps(to_payload(entry.event)).decode(),
    }


def entry_of(seq: int, at: int, kind: str, payload: str) -> Entry:
    """A row of the table as an entry."""
    return Entry(seq=seq, at=at, event=from_payload(kind, orjson.loads(payload)))
