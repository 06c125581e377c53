"""The store alone: how many messages a second the log acknowledges, each after its commit.

A process of its own: `python -m bench.store --database URL --seconds S` migrates the (fresh) database, has writers
append one message after another to their own dialogues, reads every log back, and prints what it found as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import asdict, dataclass, field

import orjson
import uvloop
from sqlalchemy import text

from bench.processes import print_whole
from core.dialogue import Dialogue, Open, decide
from core.events import Entry, Opened, Said
from core.transcript import Role
from server.storage.database import Database
from server.storage.log import Log
from server.storage.migrate import migrate
from server.storage.tables import DialogueRow, ParticipantRow, StudyVersionRow
from server.times import now_ms

WRITERS = 64
LINE = "That sounds hard. What was it like when you came home that evening, and who was there with you?"


@dataclass
class Stored:
    """What the store did."""

    writers: int
    seconds: float
    acknowledged: int = 0
    found: int = 0
    """Messages that are in the database afterwards, read through another connection."""
    ack_ms: list[float] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    """What the database says about how durable its commits are."""
    errors: dict[str, int] = field(default_factory=dict)


def stored_of(raw: bytes) -> Stored:
    """What this process prints."""
    return Stored(**orjson.loads(raw))


async def measure(database: Database, *, writers: int, seconds: float) -> Stored:
    """Have `writers` append for `seconds`, each waiting for one commit before the next message."""
    await migrate(database)
    dialogues = [f"dialogue-{number}" for number in range(writers)]
    await _prepare(database, dialogues)
    log = Log(database)
    log.start()
    stored = Stored(writers=writers, seconds=seconds, settings=await _settings(database))
    opening = decide(Dialogue(), Open(Opened(counterpart=Role.SEEKER)), now_ms())
    await asyncio.gather(*(log.append(dialogue, opening) for dialogue in dialogues))
    began = time.perf_counter()
    await asyncio.gather(*(_write(log, dialogue, stored, end=began + seconds) for dialogue in dialogues))
    stored.seconds = time.perf_counter() - began
    await log.stop()
    stored.found = await _count(database, dialogues)
    return stored


async def _write(log: Log, dialogue: str, stored: Stored, *, end: float) -> None:
    seq = 1
    while (asked := time.perf_counter()) < end:
        seq += 1
        said = Said(role=Role.SUPPORTER, text=LINE, client_id=f"{dialogue}-{seq}")
        try:
            await log.append(dialogue, [Entry(seq, now_ms(), said)])
        except Exception as error:  # whatever it is, it belongs into the report
            stored.errors[type(error).__name__] = stored.errors.get(type(error).__name__, 0) + 1
            return
        stored.acknowledged += 1
        stored.ack_ms.append((time.perf_counter() - asked) * 1000)


async def _prepare(database: Database, dialogues: list[str]) -> None:
    async with database.writing() as session:
        session.add(StudyVersionRow(hash="bench", slug="bench", bundle="{}", seed=1, loaded_at=now_ms()))
        await session.flush()
        session.add(ParticipantRow(id="bench", slug="bench", study_hash="bench", entered_at=now_ms()))
        await session.flush()
        session.add_all(
            DialogueRow(id=dialogue, participant_id="bench", step_id=dialogue, counterpart="seeker")
            for dialogue in dialogues
        )


async def _count(database: Database, dialogues: list[str]) -> int:
    """Messages in the logs; a gap in a log counts as everything after it missing."""
    log, found = Log(database), 0
    for dialogue in dialogues:
        entries = await log.read(dialogue)
        unbroken = [entry for place, entry in enumerate(entries, 1) if entry.seq == place]
        found += sum(isinstance(entry.event, Said) for entry in unbroken)
    return found


async def _settings(database: Database) -> dict[str, str]:
    asked = ("journal_mode", "synchronous") if database.is_sqlite else ("fsync", "synchronous_commit")
    word = "PRAGMA" if database.is_sqlite else "SHOW"
    async with database.engine.connect() as connection:
        answers = [(await connection.execute(text(f"{word} {name}"))).scalar_one() for name in asked]
        version = "SELECT sqlite_version()" if database.is_sqlite else "SHOW server_version"
        number = (await connection.execute(text(version))).scalar_one()
    return {"version": str(number), **{name: str(answer) for name, answer in zip(asked, answers, strict=True)}}


async def _run(url: str, *, writers: int, seconds: float) -> Stored:
    database = Database(url)
    try:
        return await measure(database, writers=writers, seconds=seconds)
    finally:
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--writers", type=int, default=WRITERS)
    chosen = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stored = runner.run(_run(chosen.database, writers=chosen.writers, seconds=chosen.seconds))
    print_whole(orjson.dumps(asdict(stored)))


if __name__ == "__main__":
    main()
