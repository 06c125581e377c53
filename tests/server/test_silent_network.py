"""Networks that swallow packets, and callers who connect and then say nothing: noticed, and never anybody's loss."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from server import connections, socket
from server.settings import Settings
from tests.server.client import clients, eventually
from tests.server.here import Here, serving_here
from tests.server.served import rows
from tests.server.small_studies import TALK, write_study
from tests.server.swallowing import network

HEARTBEAT_S, ANSWER_S, ABSENT_S = 0.2, 1.0, 0.5
AWAY_S = 3.0
"""How long the network swallows: seen on a clock however busy the machine."""
SLOW_BODY = b"POST /api/studies/talking/participants HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n{"
SLACK_MS = 1_200
"""What frames, a heartbeat and a busy machine may cost; well below the time away."""


@pytest.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    """A server in a hurry: its heartbeat and its patience are a fraction of what they are in earnest."""
    monkeypatch.setattr(socket, "ABSENT_S", ABSENT_S)
    monkeypatch.setattr(socket, "JOIN_S", 1.0)
    monkeypatch.setattr(connections, "REQUEST_S", 1.0)
    write_study(tmp_path / "studies" / "talking", TALK)
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'study.db'}", studies=tmp_path / "studies", time_scale=10)
    async with serving_here(settings, heartbeat_s=HEARTBEAT_S, answer_s=ANSWER_S) as here:
        yield here


def log_of(here: Here, dialogue: str) -> list[Any]:
    """Kinds and payloads of a dialogue's log."""
    query = "SELECT kind, payload FROM event WHERE dialogue_id = :id ORDER BY seq"
    return rows(str(here.world.database.file and f"sqlite:///{here.world.database.file}"), query, id=dialogue)


async def test_the_time_in_which_nothing_arrived_is_given_back(here: Here) -> None:
    """Whoever waits until the server has noticed, and whoever joins anew before: both find the clock where it stood.

    The first finds the pause in the log with its cause. Who only listens, and answers the heartbeat, lost nothing and
    gained nothing.
    """
    async with network(here.url) as between, clients(between.url, 3) as [patient, quick, listener]:
        talks = [(await person.consent("talking"))["content"]["dialogue"] for person in (patient, quick, listener)]
        listener.url = here.url
        async with patient.page(talks[0]) as one, quick.page(talks[1]) as other, listener.page(talks[2]) as third:
            for page in (one, other, third):
                await page.say("What happened?")
                await page.reply()
            stood_at = [page.of("clock")[-1]["remaining_ms"] for page in (one, other, third)]
            between.swallow()
            swallowed = time.monotonic()
            listening = asyncio.create_task(third.listen(AWAY_S))

            await asyncio.sleep(ABSENT_S + HEARTBEAT_S)
            quick.url = here.url
            async with quick.page(talks[1]) as again:
                assert abs(again.state["clock"]["remaining_ms"] - stood_at[1]) < SLACK_MS
                assert again.state["clock"]["running"] is True

            await eventually(lambda: log_of(here, talks[0])[-1] == ("paused", '{"cause":"disconnected"}'))
            assert log_of(here, talks[0])[-2].kind == "unseen"
            await asyncio.sleep(swallowed + AWAY_S - time.monotonic())
            patient.url = here.url
            async with patient.page(talks[0]) as again:
                assert abs(again.state["clock"]["remaining_ms"] - stood_at[0]) < SLACK_MS
                assert (await again.say("I am back."))["type"] == "ack"

            between.cut()
            await listening
            await third.say("I was here all the time.")
            await third.until("clock")
            ran = 1000 * (time.monotonic() - swallowed)
            assert stood_at[2] - third.of("clock")[-1]["remaining_ms"] > ran - SLACK_MS
            assert "paused" not in {row.kind for row in log_of(here, talks[2])}


async def test_who_connects_and_does_not_get_on_is_sent_away(here: Here) -> None:
    """Pings do not keep a socket open that joins nothing; requests that trickle in, or never begin, end in a cut."""
    begun = (b"", b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ", SLOW_BODY)
    async with clients(here.url) as [person]:
        await person.consent("talking")
        async with person.page() as page:
            await page.send("ping")
            codes = await asyncio.gather(page.closing_code(), *(cut_off(here, request) for request in begun))
        assert codes[0] == 1008
        assert (await person.call("GET", "/healthz")).status == 200


async def cut_off(here: Here, request: bytes) -> None:
    """Send part of a request and wait until the connection has ended, without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(here.url.rpartition(":")[2]))
    writer.write(request)
    with suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
