"""What the command `score` works with: the database, and the job engine with the queue of judgements alone."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from dbos import DBOS

from core.errors import Unusable
from server.background import end, repeating
from server.job_engine import engine_config, file_beside
from server.ledger import DatabaseLedger
from server.presence import Presence, process_name
from server.reaper import EVERY_S, Reaper
from server.scoring.jobs import JUDGEMENTS, use_scorer
from server.scoring.scorer import Scorer
from server.settings import Settings
from server.storage.database import Database
from server.storage.migrate import check_current
from server.times import now_ms

BESIDE = "scoring"
"""On SQLite a serving process may be at work in the other file of jobs."""


@asynccontextmanager
async def open_scoring(settings: Settings, *, works: bool) -> AsyncIterator[tuple[Database, Scorer]]:
    """The database and who scores in it; with `works` this process takes judgements from the queue.

    Raises `Unusable` for a database that is not there or not up to date, and on SQLite when another process scores.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        await check_current(database)
        if (file := file_beside(database.url, BESIDE)) is not None:
            stack.enter_context(_alone(file))
        ledger = DatabaseLedger(database)
        ledger.start()
        stack.push_async_callback(ledger.stop)
        scorer = Scorer(database, ledger, now=now_ms)
        stack.push_async_callback(scorer.aclose)
        await stack.enter_async_context(_engine(database, scorer, works=works))
        yield database, scorer


@asynccontextmanager
async def _engine(database: Database, scorer: Scorer, *, works: bool) -> AsyncIterator[None]:
    """The job engine of this process, with a lease on its name; others take up what it leaves when it dies."""
    presence = Presence(
        database, "" if database.is_sqlite else process_name(), on_word=_nothing_told, on_silence=_nothing
    )
    await presence.start()
    use_scorer(scorer)
    DBOS(config=engine_config(database.url, presence.name, beside=BESIDE))
    DBOS.listen_queues([JUDGEMENTS] if works else [])
    DBOS.launch()
    reaper = None
    if presence.name:
        reaper = repeating(Reaper(presence).reap, every_s=EVERY_S, name="reaper")
    try:
        yield
    finally:
        await end(reaper)
        await asyncio.to_thread(DBOS.destroy)
        await presence.stop()


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold the engine's file of a database on SQLite for this process, by a file beside it that goes at the end."""
    beside = file.with_name(f"{file.name}.lock")
    while True:
        with beside.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Unusable("another `lendanear score` works on this database; wait for it or stop it") from None
            if not _is_still(lock.fileno(), beside):
                continue  # who held it has removed it meanwhile
            try:
                yield
            finally:
                beside.unlink(missing_ok=True)
            return


def _is_still(descriptor: int, file: Path) -> bool:
    """Whether the open file is the one of this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except FileNotFoundError:
        return False


async def _nothing() -> None:
    """This process has no dialogues of its own."""


async def _nothing_told(_dialogue_id: str) -> None:
    """This process has no dialogues of its own."""
