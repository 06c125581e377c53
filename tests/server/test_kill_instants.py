"""kill -9 at seeded instants, again and again on one database, while people talk: nothing acknowledged is ever lost.

`make faults` runs ten times as many instants as the ordinary tests.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

import pytest

from tests.server.client import clients
from tests.server.conftest import new_database, shared_env
from tests.server.served import Served, free_port, start
from tests.server.talker import SCALE, Talker

INSTANTS = int(os.environ.get("LENDANEAR_FAULT_INSTANTS", "20"))
PEOPLE = 6


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_killed_at_any_instant_nothing_acknowledged_is_lost(
    kind: str, tmp_path: Path, studies: Path, request: pytest.FixtureRequest
) -> None:
    """Whatever the server was doing when it died, everyone finds what they were told, once, and a fair clock."""
    sqlite = f"sqlite:///{tmp_path / 'study.db'}"
    database = sqlite if kind == "sqlite" else new_database(request.getfixturevalue("postgres"))
    generator, port = random.Random(f"{kind}/1"), free_port()
    served = start(database, log=tmp_path / "log", scale=SCALE, port=port, env=shared_env(studies))
    try:
        async with clients(served.url, PEOPLE) as people:
            talkers = [Talker(client, random.Random(generator.random())) for client in people]
            await asyncio.gather(*(talker.begin() for talker in talkers))
            for _ in range(INSTANTS):
                await _until_killed(served, talkers, generator)
                served = start(database, log=tmp_path / "log", scale=SCALE, port=port, env=shared_env(studies))
    finally:
        served.kill()


async def _until_killed(served: Served, talkers: list[Talker], generator: random.Random) -> None:
    """Let everyone talk and kill the server at a drawn instant."""
    talking = asyncio.gather(*(talker.talk() for talker in talkers))
    await asyncio.sleep(generator.uniform(0.1, 1.2))
    killed_at = time.monotonic()
    served.kill()
    await talking
    for talker in talkers:
        if talker.has_joined:
            talker.killed_at = killed_at
