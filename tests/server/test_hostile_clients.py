"""Clients that mean harm, or are badly broken: memory stays bounded, nobody gains time, and nobody else notices."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlparse

import aiohttp
import pytest

from tests.server.client import Client, Page, clients
from tests.server.served import Served

MIB = 1024 * 1024
MOST_GROWTH = 64 * MIB
"""Of the server's memory, while 100 MiB are thrown at it."""
TOO_FAST, TOO_LARGE, TOO_LARGE_TO_READ = 4429, 4413, 1009
GIANTS = 4
PING, CONTINUATION, TEXT = 0x9, 0x0, 0x1


def memory_of(served: Served) -> int:
    """Resident bytes of the server's process."""
    pages = int(Path(f"/proc/{served.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def small_frame(opcode: int, *, is_last: bool = True, payload: bytes = b"") -> bytes:
    """A masked frame of the WebSocket protocol; the mask is zero, which leaves the payload as it is."""
    return bytes([opcode | (0x80 if is_last else 0), 0x80 | len(payload), 0, 0, 0, 0]) + payload


@asynccontextmanager
async def raw_socket(person: Client) -> AsyncIterator[asyncio.StreamWriter]:
    """A person's socket after its handshake, for frames that no client library would send."""
    where = urlparse(person.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
    headers = "".join(
        f"{name}: {value}\r\n" for name, value in ({"Host": where.netloc} | upgrade | person.headers).items()
    )
    writer.write(f"GET /ws HTTP/1.1\r\n{headers}\r\n".encode())
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    try:
        yield writer
    finally:
        writer.transport.abort()


async def until_cut_off(writer: asyncio.StreamWriter, flood: bytes, *, times: int) -> None:
    """Send a flood, reading nothing, until the server has had enough; fails when it takes everything."""
    with suppress(OSError):
        for _ in range(times):
            writer.write(flood)
            await asyncio.wait_for(writer.drain(), 20)
            await asyncio.sleep(0)
        pytest.fail("the server took everything")


async def big_frames(person: Client, dialogue: str, size: int) -> int | None:
    """Send a frame of `size` bytes; the code that closes the socket."""
    async with person.page(dialogue) as page:
        with suppress(aiohttp.ClientError, ConnectionError):
            await page.send("say", client_id="big", text="x" * size)
        return await page.closing_code()


async def floods(person: Client, dialogue: str) -> int | None:
    """Frame after frame without a pause; the code that closes the socket."""
    async with person.page(dialogue) as page:
        with suppress(aiohttp.ClientError, ConnectionError):
            for _ in range(2000):
                await page.send("typing")
        return await page.closing_code()


async def test_harm_is_cut_off_and_nobody_else_notices(server: Served) -> None:
    """Frames too large, floods of frames, pings and fragments, and not reading: each ends that connection alone.

    Meanwhile somebody holds a conversation, line for line, and the server's memory stays where it was.
    """
    async with clients(server.url, 3 + GIANTS) as people:
        talk, *talks = [(await person.consent("unhurried"))["content"]["dialogue"] for person in people]
        bystander, large, fast, *giants = people
        async with (
            bystander.page(talk) as page,
            raw_socket(fast) as pinging,
            raw_socket(large) as splitting,
        ):
            before = memory_of(server)
            pings = small_frame(PING, payload=b"x" * 125) * 500
            fragments = small_frame(CONTINUATION, is_last=False) * 10_000
            splitting.write(small_frame(TEXT, is_last=False))
            harm = asyncio.gather(
                big_frames(large, talks[0], 20_000),
                floods(fast, talks[1]),
                *(big_frames(giant, talk, 16 * MIB) for giant, talk in zip(giants, talks[2:], strict=True)),
                until_cut_off(pinging, pings, times=250),
                until_cut_off(splitting, fragments, times=250),
            )
            spoken = 0
            while not harm.done() or spoken < 3:
                assert (await page.say(f"Line {spoken}."))["type"] == "ack"
                await page.reply()
                spoken += 1
            codes = (await harm)[: 2 + GIANTS]
            assert memory_of(server) - before < MOST_GROWTH
        assert codes == [TOO_LARGE, TOO_FAST, *[TOO_LARGE_TO_READ] * GIANTS]


async def remaining(page: Page) -> int:
    """What the server says is left, asked by hiding and showing."""
    await page.send("visibility", visible=False)
    left = (await page.until_clock("hidden"))["remaining_ms"]
    await page.send("visibility", visible=True)
    await page.until_clock()
    return int(left)


async def test_what_a_page_says_about_time_counts_for_nothing(server: Served) -> None:
    """Made-up times and clocks in frames, and being hidden while one goes on, bring not a millisecond.

    Whoever says that the page is hidden and sends a line was not away: the line ends the pause.
    """
    lies = {"remaining_ms": 10**9, "now": 0, "sent_at": "2001-01-01T00:00:00.000Z", "clock": {"remaining_ms": 10**9}}
    async with clients(server.url) as [person]:
        dialogue = (await person.consent("unhurried"))["content"]["dialogue"]
        async with person.page() as page:
            await page.send("join", dialogue=dialogue, after_seq=0, **lies)
            left = [(await page.until("state"))["clock"]["remaining_ms"]]
            for number in range(3):
                await page.send("visibility", visible=False, **lies)
                await page.send("typing", **lies)
                assert (await page.say(f"Line {number}.", **lies))["type"] == "ack"
                clock = await page.until_clock()
                assert clock["running"] is True, "the line was sent, so nobody was away"
                await page.send("visibility", visible=True, **lies)
                await page.reply()
                left.append(await remaining(page))
            assert left == sorted(left, reverse=True)
            assert left[-1] < left[0]
