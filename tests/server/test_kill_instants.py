"""kill -9 at seeded instants, again and again on one database, while people talk: nothing acknowledged is ever lost.

`make faults` runs ten times as many instants as the ordinary tests.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.server.client import Client, Closed, Page, clients
from tests.server.conftest import new_database, shared_env
from tests.server.served import Served, free_port, start

INSTANTS = int(os.environ.get("LENDANEAR_FAULT_INSTANTS", "20"))
PEOPLE = 6
SCALE = 4
BEAT_MS = 5_000 / SCALE
"""The heartbeat; a crash gives back at most this."""
LATE_MS = 1_500
"""How late a frame, a heartbeat or the kill itself may be on a busy machine."""


@dataclass
class Talker:
    """Somebody who talks without pause and remembers everything they were told."""

    client: Client
    generator: random.Random
    dialogue: str = ""
    told: dict[int, str] = field(default_factory=dict)
    """Text by seq: own lines that were acknowledged, and replies that were shown."""
    flight: tuple[str, str] | None = None
    """The line that is not acknowledged: client_id and text."""
    clock: tuple[int, bool, float] | None = None
    """Remaining, running, and when that was told."""
    killed_at: float | None = None
    """When the server died that had told the clock."""
    has_joined: bool = False

    async def begin(self) -> None:
        self.dialogue = (await self.client.consent("unhurried"))["content"]["dialogue"]

    async def talk(self) -> None:
        """Join, check what stands, and talk until the connection ends."""
        self.has_joined = False
        try:
            async with self.client.page(self.dialogue) as page:
                self.has_joined = True
                self._compare(page.state)
                if self.flight is not None:
                    await page.send("say", client_id=self.flight[0], text=self.flight[1])
                await self._go_on(page)
        except (Closed, aiohttp.ClientError, OSError):
            return

    async def _go_on(self, page: Page) -> None:
        if self.flight is None and _is_mine(page.state["messages"]):
            await self._say(page)
        while True:
            frame = await page.next()
            if frame["type"] == "ack" and self.flight is not None and frame["client_id"] == self.flight[0]:
                self.told[frame["seq"]], self.flight = self.flight[1], None
            elif frame["type"] == "message":
                self.told[frame["seq"]] = frame["text"]
                await asyncio.sleep(self.generator.uniform(0, 0.05))
                await self._say(page)
            elif frame["type"] == "clock":
                self.clock = (frame["remaining_ms"], frame["running"], time.monotonic())

    async def _say(self, page: Page) -> None:
        self.flight = (uuid.uuid4().hex, f"line {self.generator.random()}")
        await page.send("say", client_id=self.flight[0], text=self.flight[1])

    def _compare(self, state: dict[str, Any]) -> None:
        """Everything told stands once and unchanged, and nothing of ours beyond it but the line under way."""
        got = {m["seq"]: m["text"] for m in state["messages"]}
        assert list(got) == sorted(got)
        assert self.told.items() <= got.items()
        own = [m["text"] for m in state["messages"] if m["role"] == "supporter" and m["seq"] not in self.told]
        assert own in ([], [self.flight[1] if self.flight else None])
        if self.killed_at is not None and self.clock is not None:
            self._check_clock(state["clock"]["remaining_ms"], self.killed_at)
        self.told.update({m["seq"]: m["text"] for m in state["messages"] if m["role"] == "seeker"})
        clock = state["clock"]
        self.clock = (clock["remaining_ms"], clock["running"], time.monotonic())

    def _check_clock(self, remaining: int, killed_at: float) -> None:
        """A crash takes no time and gives back at most a heartbeat."""
        assert self.clock is not None
        before, was_running, told_at = self.clock
        expected = before - (1000 * (killed_at - told_at) if was_running else 0)
        assert expected - LATE_MS <= remaining <= expected + BEAT_MS + LATE_MS


def _is_mine(messages: list[dict[str, Any]]) -> bool:
    return messages[-1]["role"] == "seeker"


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
