"""A load balancer without memory: every new connection goes to the next server that answers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def balancing(ports: Sequence[int]) -> AsyncIterator[str]:
    """The address that spreads its connections over `ports` of this machine, never twice in a row to the same."""
    turns = itertools.cycle(ports)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in itertools.islice(turns, len(ports)):
            with suppress(OSError):
                behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pump(reader, behind_writer), _pump(behind_reader, writer))
                return
        writer.close()

    balancer = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with balancer:
        yield f"http://127.0.0.1:{balancer.sockets[0].getsockname()[1]}"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    with suppress(OSError):
        writer.close()
