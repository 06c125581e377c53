"""A page that does not read is let go of: telling it something never waits, and so nobody else does."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from fastapi import WebSocket

from server.socket import MAX_WAITING, Page
from tests.server.client import eventually


async def deaf(_message: object) -> None:
    """What sends to a socket whose buffers are full: it waits for ever."""
    await asyncio.sleep(3600)


async def tell(frames: int, told: list[Page]) -> None:
    """The task of one connection: it tells its page `frames` things, and then waits for what the page says."""
    page = Page(cast(WebSocket, None), deaf)
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
    reads, sent = asyncio.Event(), list[str]()

    async def send(message: Any) -> None:
        await reads.wait()
        sent.append(json.loads(message["text"])["text"])

    page = Page(cast(WebSocket, None), send)
    reads.set()
    page.send({"type": "delta", "text": "0"})
    reads.clear()
    page.send({"type": "delta", "text": "1"})
    page.send({"type": "delta", "text": "2"})
    reads.set()
    page.send({"type": "delta", "text": "3"})
    await eventually(lambda: len(sent) == 4)
    page.send({"type": "delta", "text": "4"})

    assert sent == ["0", "1", "2", "3", "4"]
    await page.finish()
