"""A server inside the test's own process, whose limits the test may shorten and whose parts it may look at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn

from server.opening import open_world
from server.serve import configuration
from server.settings import Settings
from server.world import World
from tests.server.client import eventually
from tests.server.served import free_port


@dataclass
class Here:
    """A running server and what it works with."""

    url: str
    world: World


@asynccontextmanager
async def serving_here(
    settings: Settings, *, heartbeat_s: float | None = None, answer_s: float | None = None
) -> AsyncIterator[Here]:
    """A server for as long as the block runs."""
    async with open_world(settings) as world:
        config = configuration(world)
        config.host, config.port = "127.0.0.1", free_port()
        config.ws_ping_interval = heartbeat_s or config.ws_ping_interval
        config.ws_ping_timeout = answer_s or config.ws_ping_timeout
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve())
        try:
            await eventually(lambda: server.started)
            yield Here(f"http://127.0.0.1:{config.port}", world)
        finally:
            server.should_exit = True
            await running
