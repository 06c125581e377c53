"""Several processes on one PostgreSQL, no sticky routing, one of each kind killed: every count is right at the end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
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
from tests.server.served import Served, environment, start

pytestmark = pytest.mark.postgres

PEOPLE = 16
LIVES_S = 8.0
"""How long everything runs before the kill: people are then in conversations, and the first are being scored."""
WALKED_S = 180.0
"""Nobody takes a tenth of this; who waits for what never comes is to fail this test, not to hold it up."""
SCORED_S = 60.0


def _start_worker(database: str, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "server", "worker", "--database", database]
    with log.open("ab") as output:
        return subprocess.Popen(command, env=environment(), stdout=output, stderr=output)  # noqa: S603


async def _walk_through_a_kill(servers: list[Served], workers: list[subprocess.Popen[bytes]]) -> list[Walk]:
    """People walk by way of the balancer; one server and one worker die while they do."""
    models = model_settings({}).open(rules=rules_provider())
    ports = [int(served.url.rpartition(":")[2]) for served in servers]
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    jar = aiohttp.DummyCookieJar()
    async with balancing(ports) as url, aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
        walks = [Walk(http, url, "lend_an_ear", supporter=Supporter(models), seed=str(n)) for n in range(PEOPLE)]
        async with asyncio.timeout(WALKED_S), asyncio.TaskGroup() as group:
            for walk in walks:
                group.create_task(walk.run())
            await asyncio.sleep(LIVES_S)
            servers[0].kill()
            workers[0].kill()
    return walks


def _rows(database: str, query: str) -> list[tuple]:
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchall()


def _until_scored(database: str) -> None:
    unscored = """SELECT count(*) FROM dialogue d WHERE counterpart = 'seeker'
                  AND NOT EXISTS (SELECT 1 FROM score s WHERE s.conversation_id = d.id)"""
    for _ in range(int(SCORED_S / 0.5)):
        if _rows(database, unscored) == [(0,)]:
            return
        asyncio.run(asyncio.sleep(0.5))
    raise AssertionError("conversations were not scored in time")


def test_three_servers_and_two_workers_lose_one_each_and_nothing_else(postgres: str, tmp_path: Path) -> None:
    """Every participant arrives, every acknowledged line stands once, every conversation has one score and feedback."""
    database = new_database(postgres)
    with ExitStack() as stack:
        servers = [start(database, log=tmp_path / f"server-{n}.log") for n in range(3)]
        workers = [_start_worker(database, tmp_path / f"worker-{n}.log") for n in range(2)]
        for process in [*(served.process for served in servers), *workers]:
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)

        walks = asyncio.run(_walk_through_a_kill(servers, workers))
        _until_scored(database)

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
