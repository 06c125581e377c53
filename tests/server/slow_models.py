"""A model on a loopback port whose pace the test sets: for what happens while somebody is still being answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.llm.fake_openai import FakeOpenAI, Scene, chunk, event, says, streams

FIRST = "I lost my job last month, and I have hardly slept since. "
SECOND = "My partner keeps asking what I will do now. "
THIRD = "I do not know what to say to her."
REPLY = FIRST + SECOND + THIRD


class Mood:
    """What the model does on every request until the test gives it another `scene`."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    async def play(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return await self.scene(request, body)


@asynccontextmanager
async def fake_model(mood: Mood) -> AsyncIterator[FakeOpenAI]:
    """A model in some mood, which the test may change; after a thousand requests it answers 500."""
    fake = FakeOpenAI()
    fake.plays(*[mood.play] * 1000)
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()


def env_of(fake: FakeOpenAI, *roles: str, models: str = "openai:fake") -> dict[str, str]:
    """The settings that let `fake` play these roles."""
    return {"OPENAI_BASE_URL": fake.base_url} | {f"LENDANEAR_MODEL_{role.upper()}": models for role in roles}


def begins_and_hangs() -> Scene:
    """A reply that comes to its second sentence, and no further."""
    return streams(event(chunk("", role="assistant")), event(chunk(FIRST)), event(chunk(SECOND)), 600.0)


def hangs() -> Scene:
    """A request that is never answered."""

    async def play(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(600)
        return web.Response(status=500)

    return play


def waits_for(gate: asyncio.Event, scene: Scene) -> Scene:
    """`scene`, once the test opens the gate."""

    async def play(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        await gate.wait()
        return await scene(request, body)

    return play


def replies() -> Scene:
    """A whole reply of three sentences."""
    return says(FIRST, SECOND, THIRD)
