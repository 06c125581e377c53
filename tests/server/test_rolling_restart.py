"""Restarting all processes in good order while people talk: pages are told to join again, and nothing is lost."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.server.balancer import balancing
from tests.server.client import clients
from tests.server.conftest import new_database, shared_env
from tests.server.served import Served, free_port, start
from tests.server.talker import RESTARTING, SCALE, Talker

PEOPLE = 6
TALKS_S = 1.0
"""How long people talk before, between and after the restarts."""
STOPS_S = 30.0


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_a_restart_of_all_processes_loses_nothing(
    kind: str, tmp_path: Path, studies: Path, request: pytest.FixtureRequest
) -> None:
    """One process on SQLite, two behind a balancer on PostgreSQL, each stopped and started in turn.

    Everyone is told 1012 and nothing else, joins again by themselves, and finds what was acknowledged, once and in
    order, on a clock that has stood in between.
    """
    sqlite = f"sqlite:///{tmp_path / 'study.db'}"
    database = sqlite if kind == "sqlite" else new_database(request.getfixturevalue("postgres"))
    ports = [free_port()] if kind == "sqlite" else [free_port(), free_port()]

    def begin(port: int) -> Served:
        return start(database, log=tmp_path / f"log-{port}", scale=SCALE, port=port, env=shared_env(studies))

    async with AsyncExitStack() as stack:
        servers = [begin(port) for port in ports]
        stack.callback(lambda: [served.kill() for served in servers])
        url = await stack.enter_async_context(balancing(ports))
        people = await stack.enter_async_context(clients(url, PEOPLE))
        talkers = [Talker(client, random.Random(number)) for number, client in enumerate(people)]
        await asyncio.gather(*(talker.begin() for talker in talkers))
        is_over = asyncio.Event()
        talking = asyncio.gather(*(talk_on(talker, is_over) for talker in talkers))
        for number, port in enumerate(ports):
            await asyncio.sleep(TALKS_S)
            servers[number] = await restarted(servers[number], lambda port=port: begin(port))
        said = [len(talker.told) for talker in talkers]
        await asyncio.sleep(TALKS_S)
        is_over.set()
        for served in servers:
            served.process.terminate()
        await asyncio.wait_for(talking, STOPS_S)

    assert {code for talker in talkers for code in talker.codes} == {RESTARTING}
    assert all(len(talker.told) > before for talker, before in zip(talkers, said, strict=True)), "everyone went on"


async def talk_on(talker: Talker, is_over: asyncio.Event) -> None:
    """Talk, and join again whenever the connection has ended."""
    while not is_over.is_set():
        await talker.talk()
        await asyncio.sleep(0.1)


async def restarted(served: Served, begin: Callable[[], Served]) -> Served:
    """A new process in the place of one that was asked to stop."""
    served.process.terminate()
    try:
        await asyncio.to_thread(served.process.wait, STOPS_S)
    except subprocess.TimeoutExpired:
        pytest.fail("the server did not stop")
    return await asyncio.to_thread(begin)
