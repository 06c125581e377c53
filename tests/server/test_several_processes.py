"""Several processes on one PostgreSQL, no sticky routing, of each kind one killed: every count is right at the end."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import aiohttp
import psycopg
import pytest

from core.dialogue import fold
from core.transcript import Role
from llm.settings import model_settings
from personas.supporters import Supporter
from server.models import rules_provider
from server.pilot.participant import Walk
from server.storage.log import entry_of
from tests.server.balancer import balancing
from tests.server.conftest import new_database
from tests.server.served import Served, environment, free_port, start

pytestmark = pytest.mark.postgres

PEOPLE = 16
SERVERS = 3
WORKERS = 2
ROUNDS = max(1, int(os.environ.get("LENDANEAR_FAULT_INSTANTS", "20")) // 20)
"""How often harm is done: one of each kind is killed for good, and by `make faults` nine other things happen before."""
LIVES_S = 8.0
"""How long everything runs before the first kill: people are then in conversations, and some are being scored."""
SEED = int(os.environ.get("LENDANEAR_FAULT_SEED", "3"))
BETWEEN_S = 2.0
STILL_S = 12.0
"""Longer than a process may give no sign of life."""
WALKED_S = 180.0
"""Nobody takes a tenth of this; who waits for what never comes is to fail this test, not to hold it up."""
SCORED_S = 60.0


class Cluster:
    """Servers and workers on one database, each of which can be killed and brought back at its place."""

    def __init__(self, database: str, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self.ports = [free_port() for _ in range(SERVERS)]
        self._servers = [self._server(number) for number in range(SERVERS)]
        self._workers = [self._worker(number) for number in range(WORKERS)]

    def kill(self, *, server: int, worker: int) -> None:
        self._servers[server].kill()
        self._workers[worker].kill()

    def bring_back(self, *, server: int, worker: int) -> None:
        self._servers[server] = self._server(server)
        self._workers[worker] = self._worker(worker)

    def signal(self, number: int, *, server: int, worker: int) -> None:
        self._servers[server].process.send_signal(number)
        self._workers[worker].send_signal(number)

    def cut_connections(self) -> None:
        """End every connection to the database, as its restart would."""
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        _rows(self._database, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608

    def stop(self) -> None:
        """End all that live. Raises `subprocess.TimeoutExpired` when one does not end."""
        processes = [*(served.process for served in self._servers), *self._workers]
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)

    def _server(self, number: int) -> Served:
        return start(self._database, log=self._folder / f"server-{number}.log", port=self.ports[number])

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "server", "worker", "--database", self._database]
        with (self._folder / f"worker-{number}.log").open("ab") as output:
            return subprocess.Popen(command, env=environment(), stdout=output, stderr=output)  # noqa: S603


async def _walk_through_kills(cluster: Cluster) -> list[Walk]:
    """People walk by way of the balancer; servers and workers come to harm while they do."""
    models = model_settings({}).open(rules=rules_provider())
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    jar = aiohttp.DummyCookieJar()
    async with balancing(cluster.ports) as url, aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
        walks = [Walk(http, url, "lend_an_ear", supporter=Supporter(models), seed=str(n)) for n in range(PEOPLE)]
        async with asyncio.timeout(WALKED_S), asyncio.TaskGroup() as group:
            for walk in walks:
                group.create_task(walk.run())
            await asyncio.sleep(LIVES_S)
            await _do_harm(cluster, random.Random(SEED))
    return walks


async def _do_harm(cluster: Cluster, draw: random.Random) -> None:
    for harm in (*draw.choices((_kill_for_a_moment, _hold_up, _cut_connections), k=ROUNDS - 1), _kill):
        await harm(cluster, server=draw.randrange(SERVERS), worker=draw.randrange(WORKERS))
        await asyncio.sleep(draw.uniform(0, BETWEEN_S))


async def _kill(cluster: Cluster, *, server: int, worker: int) -> None:
    cluster.kill(server=server, worker=worker)


async def _kill_for_a_moment(cluster: Cluster, *, server: int, worker: int) -> None:
    cluster.kill(server=server, worker=worker)
    await asyncio.to_thread(cluster.bring_back, server=server, worker=worker)


async def _hold_up(cluster: Cluster, *, server: int, worker: int) -> None:
    """They stand still for so long that others take their work over, and then go on as if nothing had been."""
    cluster.signal(signal.SIGSTOP, server=server, worker=worker)
    await asyncio.sleep(STILL_S)
    cluster.signal(signal.SIGCONT, server=server, worker=worker)


async def _cut_connections(cluster: Cluster, **_: int) -> None:
    cluster.cut_connections()


def _rows(database: str, query: str) -> list[tuple]:
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchall()


def _until_done(database: str) -> None:
    """Wait until each conversation is scored, and each dialogue closed: a sweep closes what the dead left open."""
    undone = """SELECT count(*) FROM dialogue d
                WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.dialogue_id = d.id AND e.kind = 'closed')
                OR counterpart = 'seeker' AND NOT EXISTS (SELECT 1 FROM score s WHERE s.conversation_id = d.id)"""
    for _ in range(int(SCORED_S / 0.5)):
        if _rows(database, undone) == [(0,)]:
            return
        time.sleep(0.5)
    raise AssertionError("not everything was scored and closed in time")


def test_three_servers_and_two_workers_lose_one_each_and_nothing_else(postgres: str, tmp_path: Path) -> None:
    """Every participant arrives, every acknowledged line stands once, every conversation has one score and feedback."""
    database = new_database(postgres)
    cluster = Cluster(database, tmp_path)
    try:
        walks = asyncio.run(_walk_through_kills(cluster))
        _until_done(database)
    finally:
        cluster.stop()

    assert _rows(database, "SELECT status, count(*) FROM participant GROUP BY status") == [("complete", PEOPLE)]
    assert {n for _, n in _rows(database, "SELECT condition, count(*) FROM allocation GROUP BY condition")} == {
        PEOPLE // 4
    }
    _check_logs(database, walks)
    scores = Counter(dialogue for (dialogue,) in _rows(database, "SELECT conversation_id FROM score"))
    assert len(scores) == 3 * PEOPLE
    assert set(scores.values()) == {6}
    coached = _rows(database, "SELECT count(*) FROM participant WHERE condition IN ('ai_coach', 'combined')")[0][0]
    assert _rows(database, "SELECT count(*) FROM feedback WHERE failure IS NULL") == [(2 * coached,)]


def _check_logs(database: str, walks: list[Walk]) -> None:
    """Each log has no gap and one opening message by the counterpart, and holds exactly the acknowledged lines."""
    logs: dict[str, list] = {}
    for dialogue, *entry in _rows(database, "SELECT dialogue_id, seq, at, kind, payload FROM event ORDER BY seq"):
        logs.setdefault(dialogue, []).append(entry_of(*entry))
    acknowledged = {dialogue: lines for walk in walks for dialogue, lines in walk.acknowledged.items()}
    assert acknowledged
    for dialogue, entries in logs.items():
        state = fold(entries)
        own = {m.seq: m.text for m in state.messages if m.role is Role.SUPPORTER}
        lines = acknowledged.get(dialogue, {})
        assert lines.items() <= own.items()
        assert len(own) - len(lines) <= 1, "only a line whose acknowledgement was lost may be there beyond them"
        assert not state.is_open
