"""A network between page and server that can swallow everything without closing anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Network:
    """Forwards what comes, both ways, until `swallow()`: then connections stand, and nothing arrives any more."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._forwards = True
        self._pages: list[asyncio.StreamWriter] = []
        self.url = ""

    def swallow(self) -> None:
        self._forwards = False

    def cut(self) -> None:
        """End every connection, on the side of the pages."""
        for writer in self._pages:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._pages.append(writer)
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(self._pump(reader, behind_writer), self._pump(behind_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while block := await reader.read(65536):
                if self._forwards:
                    writer.write(block)
                    await writer.drain()
        if self._forwards:
            with suppress(OSError):
                writer.close()


@asynccontextmanager
async def network(url: str) -> AsyncIterator[Network]:
    """A network before the server at `url`."""
    between = Network(int(url.rpartition(":")[2]))
    server = await asyncio.start_server(between.serve, "127.0.0.1", 0)
    between.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield between
    finally:
        server.close()
