"""A page that does not read is let go of: telling it something never waits, and so nobody else does."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from fastapi import WebSocket
from websockets.frames import Frame, Opcode

from server.connections import SEND_AT_ONCE, frame_of
from server.socket import MAX_WAITING, Page
from tests.server.client import eventually


class Socket:
    """A socket that takes a frame at once as long as its page reads, and then only when it reads again."""

    def __init__(self, *, reads: bool) -> None:
        self.reads = asyncio.Event()
        if reads:
            self.reads.set()
        self.sent: list[str] = []
        self.scope: dict[str, Any] = {"state": {SEND_AT_ONCE: self._send_at_once}}

    def _send_at_once(self, text: bytes) -> bool:
        if self.reads.is_set():
            self.sent.append(json.loads(text)["text"])
        return self.reads.is_set()

    async def send_text(self, text: str) -> None:
        await self.reads.wait()
        self.sent.append(json.loads(text)["text"])


async def tell(frames: int, told: list[Page]) -> None:
    """The task of one connection: it tells its page `frames` things, and then waits for what the page says."""
    page = Page(cast(WebSocket, Socket(reads=False)))
    told.append(page)
    for number in range(frames):
        page.send({"type": "delta", "text": str(number)})
    await asyncio.sleep(3600)


async def test_a_page_that_never_reads_is_cut_off() -> None:
    """When too much waits for a page, its connection ends as if it had been lost; until then sending never waits."""
    pages: list[Any] = []
    connection = asyncio.create_task(tell(MAX_WAITING + 2, pages))

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(connection, 5)

    assert pages[0].is_cut_off
    await asyncio.wait_for(pages[0].finish(), 5)


async def test_a_connection_that_leaves_is_not_cut_off() -> None:
    """It tells the dialogue that its page has gone, which may have to wait: cut off then, the page would stay there."""

    async def leave() -> bool:
        page = Page(cast(WebSocket, Socket(reads=False)))
        page.part()
        for number in range(MAX_WAITING + 2):
            page.send({"type": "delta", "text": str(number)})
        await asyncio.sleep(0)
        await page.finish()
        return page.is_cut_off

    assert not await asyncio.create_task(leave())


async def test_a_page_that_reads_late_is_waited_for() -> None:
    """As long as what waits fits into the queue, the page keeps its connection."""
    pages: list[Any] = []
    connection = asyncio.create_task(tell(MAX_WAITING, pages))
    await asyncio.sleep(0.1)

    assert not connection.done()
    assert not pages[0].is_cut_off
    connection.cancel()
    await pages[0].finish()


async def test_what_waits_is_sent_in_order_when_the_page_reads_again() -> None:
    """Nothing overtakes a frame that had to wait, and nothing is sent twice."""
    socket = Socket(reads=True)
    page = Page(cast(WebSocket, socket))
    page.send({"type": "delta", "text": "0"})
    socket.reads.clear()
    page.send({"type": "delta", "text": "1"})
    page.send({"type": "delta", "text": "2"})
    socket.reads.set()
    page.send({"type": "delta", "text": "3"})
    await eventually(lambda: len(socket.sent) == 4)
    page.send({"type": "delta", "text": "4"})

    assert socket.sent == ["0", "1", "2", "3", "4"]
    await page.finish()


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_text_becomes_the_frame_that_the_library_would_write(length: int) -> None:
    """What goes the short way to the page is told by `websockets` to be right, at every form of the length."""
    text = "é".encode() * (length // 2) + b"x" * (length % 2)

    assert frame_of(text) == Frame(Opcode.TEXT, text).serialize(mask=False)
