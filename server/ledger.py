"""The call ledger in the database: attempts are noted at once and written in groups."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import orjson
import structlog
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from core.participant import ParticipantStatus
from core.text import storable
from llm.ledger import Attempt
from server.background import end, repeating
from server.storage.database import STORAGE_FAULTS, Database
from server.storage.tables import CallRow, DialogueRow, ParticipantRow

MAX_WAITING = 10_000
WRITE_EVERY_S = 2.0
MOST_AT_ONCE = 32
"""Attempts in one transaction: each holds a whole prompt, and on SQLite whoever sends a line waits for its end."""
_CALLS = CallRow.__table__  # type: ignore[attr-defined]
_WITHOUT_TEXTS: dict[str, object] = {"prompt": None, "answer": None, "error": None}
"""What is kept of a call that ended after its participant had withdrawn."""

_STATUS = (
    select(col(DialogueRow.id), col(ParticipantRow.status))
    .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
    .where(col(DialogueRow.id).in_(bindparam("purposes", expanding=True)))
    .with_for_update(read=True, of=ParticipantRow)
)
"""The dialogues among the purposes of calls, each with the status of its participant, who cannot withdraw before the
calls are stored: an erasure in between would not find them. Built once, since it is asked often."""

log = structlog.get_logger()


class DatabaseLedger:
    """Keeps every attempt. `record` neither waits nor raises: rows are written a moment later."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[dict[str, object]] = []
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None

    def record(self, attempt: Attempt) -> None:
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(_row(attempt))
        else:
            log.error("call ledger overflows: an attempt is not kept")

    def start(self) -> None:
        self._writer = repeating(self.flush, every_s=WRITE_EVERY_S, name="ledger writer")

    async def stop(self) -> None:
        """Write what waits, then end."""
        async with self._writing:  # a write under way is waited for
            await end(self._writer)
        await self.flush()

    async def flush(self) -> None:
        """Write what waits; on failure it goes on waiting. Who calls while another writes waits for that one, too."""
        async with self._writing:
            while rows := self._waiting[:MOST_AT_ONCE]:
                try:
                    await self._database.write_in_thread(partial(_store, rows))
                except STORAGE_FAULTS as error:
                    log.error("call ledger cannot be written", reason=type(error).__name__)
                    return
                del self._waiting[: len(rows)]


def _store(rows: Sequence[dict[str, object]], session: Session) -> None:
    """Insert all rows by one statement, without the texts of those who have withdrawn."""
    found = session.execute(_STATUS, {"purposes": list({row["purpose"] for row in rows})}).all()
    gone = {dialogue_id for dialogue_id, status in found if status == ParticipantStatus.WITHDRAWN}
    kept = [row | _WITHOUT_TEXTS if row["purpose"] in gone else row for row in rows]
    session.execute(insert(_CALLS).returning(_CALLS.c.id), kept)


def _row(attempt: Attempt) -> dict[str, object]:
    cost = attempt.cost
    return {
        "role": attempt.role.value,
        "model": attempt.model,
        "purpose": attempt.purpose,
        "number": attempt.number,
        "prompt_version": attempt.prompt_version,
        "prompt_hash": attempt.prompt_hash,
        "parameters": orjson.dumps(dict(attempt.parameters)).decode(),
        "prompt_tokens": attempt.usage.prompt_tokens,
        "completion_tokens": attempt.usage.completion_tokens,
        "served_model": attempt.usage.served_model,
        "cost_usd": cost.usd,
        "price": None if cost.price is None else str(cost.price),
        "cost_certainty": cost.certainty.value,
        "started_at": _ms(attempt.started_at),
        "first_token_ms": attempt.first_token_ms,
        "total_ms": attempt.total_ms,
        "outcome": attempt.outcome,
        "status": attempt.status,
        "error": storable(attempt.error) or None,
        "prompt": orjson.dumps([[m.role, m.content] for m in attempt.prompt.messages]).decode(),
        "answer": storable(attempt.raw),
    }


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
