"""Somebody who talks without pause, remembers everything they were told, and compares it whenever they come back."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.server.client import Client, Closed, Page

SCALE = 4
"""The time scale of the servers that talkers talk to."""
BEAT_MS = 5_000 / SCALE
"""The beat of the log; a crash gives back at most this."""
RESTARTING = 1012
LATE_MS = 1_500
"""How late a frame, a beat or the kill itself may be on a busy machine."""


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
    """When the server died, or said that it restarts, that had told the clock."""
    has_joined: bool = False
    codes: list[int | None] = field(default_factory=list)
    """With which the server closed the sockets."""

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
        except Closed as closed:
            self.codes.append(closed.code)
            if closed.code == RESTARTING:
                self.killed_at = time.monotonic()
        except (aiohttp.ClientError, OSError):
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
        """A crash takes no time and gives back at most a beat."""
        assert self.clock is not None
        before, was_running, told_at = self.clock
        expected = before - (1000 * (killed_at - told_at) if was_running else 0)
        assert expected - LATE_MS <= remaining <= expected + BEAT_MS + LATE_MS


def _is_mine(messages: list[dict[str, Any]]) -> bool:
    return messages[-1]["role"] == "seeker"
