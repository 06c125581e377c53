"""The clock over the socket: what pauses it, what goes on, and that nobody pays for what they did not do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from tests.server.client import Client, Page, clients
from tests.server.served import Served

SLACK_MS = 700
"""What a frame may take on a machine that does other things as well."""


@pytest.fixture
async def talker(server: Served) -> AsyncIterator[tuple[Client, str]]:
    """Somebody at an open conversation of a minute (an hour at scale 60), and its name."""
    async with clients(server.url) as [person]:
        yield person, (await person.consent("unhurried"))["content"]["dialogue"]


async def start_clock(page: Page) -> dict[str, object]:
    """Say the first line and hear the reply."""
    await page.say("What happened?")
    await page.until("message", role="seeker")
    return page.of("clock")[-1]


async def test_clock_waits_for_the_first_line(talker: tuple[Client, str]) -> None:
    """It stands full until the supporter's first line, and counts real time from then on."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        clock = page.state["clock"]
        assert clock == {"remaining_ms": 60_000, "running": False, "paused_by": []}
        assert not [f for f in await page.listen(0.6) if f["type"] == "clock" and f["running"]]
        began = time.monotonic()
        await start_clock(page)
        heard = [f for f in await page.listen(1.0) if f["type"] == "clock"]
        passed = (time.monotonic() - began) * 1000
        assert len(heard) >= 2, "a frame about every ten seconds of the study"
        remaining = [f["remaining_ms"] for f in page.of("clock")]
        assert remaining == sorted(remaining, reverse=True)
        assert passed - SLACK_MS < 60_000 - remaining[-1] < passed + 50


async def test_hiding_pauses_and_showing_goes_on(talker: tuple[Client, str]) -> None:
    """A hidden tab costs nothing; hiding twice pauses once; a line clears it as showing does."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        await start_clock(page)
        await page.send("visibility", visible=False)
        hidden = await page.until_clock("hidden")
        assert hidden["running"] is False
        await page.send("visibility", visible=False)
        await asyncio.sleep(0.5)
        await page.send("visibility", visible=True)
        shown = await page.until_clock()
        assert shown["running"] is True
        assert hidden["remaining_ms"] - shown["remaining_ms"] < 100
        await page.send("visibility", visible=False)
        await page.until_clock("hidden")
        await page.say("I am writing, so I must be here.")
        assert (await page.until_clock())["running"] is True


async def test_absence_pauses_and_joining_goes_on(talker: tuple[Client, str]) -> None:
    """A lost connection costs nothing, and clears `hidden` as well when it comes back."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        await start_clock(page)
        await page.send("visibility", visible=False)
        hidden = await page.until_clock("hidden")
    await asyncio.sleep(1)
    async with person.page(dialogue) as page:
        clock = page.state["clock"]
        assert (clock["running"], clock["paused_by"]) == (True, [])
        assert hidden["remaining_ms"] - clock["remaining_ms"] < SLACK_MS


async def test_a_lost_connection_pauses(talker: tuple[Client, str], server: Served) -> None:
    """A cable that is pulled pauses as a closed tab does."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        running = await start_clock(page)
        assert page.socket._response.connection is not None
        page.socket._response.connection.transport.abort()  # type: ignore[union-attr]
    await asyncio.sleep(1)
    paused = "SELECT payload FROM event WHERE dialogue_id = :id AND kind = 'paused'"
    assert [row.payload for row in server.rows(paused, id=dialogue)] == ['{"cause":"disconnected"}']
    async with person.page(dialogue) as page:
        assert int(str(running["remaining_ms"])) - page.state["clock"]["remaining_ms"] < SLACK_MS


async def test_idle_is_told_once_and_ended_by_a_line(server: Served) -> None:
    """Silence pauses after its limit and is told once; hiding, showing and joining do not end it, a line does."""
    async with clients(server.url) as [person]:
        dialogue = (await person.consent("restless"))["content"]["dialogue"]
        async with person.page(dialogue) as page:
            await start_clock(page)
            heard_at = time.monotonic()
            idle = await page.until_clock("idle")
            assert 0.3 < time.monotonic() - heard_at < 0.5 + SLACK_MS / 1000
            await page.send("visibility", visible=False)
            await page.until_clock("hidden", "idle")
            await page.send("visibility", visible=True)
            await page.until_clock("idle")
            await page.listen(0.8)
            assert [f["code"] for f in page.of("notice")] == ["idle"]
        async with person.page(dialogue) as page:
            assert page.state["clock"]["paused_by"] == ["idle"]
            assert page.state["clock"]["remaining_ms"] == idle["remaining_ms"]
            await page.say("I am still here.")
            assert (await page.until_clock())["running"] is True


async def test_time_ends_with_zero_and_a_goodbye(server: Served) -> None:
    """At zero comes a clock frame with 0, then `closed` for `time`, then the close with 1000; nothing comes after."""
    async with clients(server.url) as [person]:
        dialogue = (await person.consent("brief"))["content"]["dialogue"]
        async with person.page(dialogue) as page:
            assert page.state["clock"]["remaining_ms"] == 1000
            began = time.monotonic()
            await page.say("What happened?")
            await page.until("closed", reason="time")
            assert 0.9 < time.monotonic() - began < 1 + SLACK_MS / 1000
            assert await page.closing_code() == 1000
        kinds = [f["type"] for f in page.frames if f["type"] in ("clock", "closed")]
        assert kinds[-2:] == ["clock", "closed"]
        assert page.of("clock")[-1]["remaining_ms"] == 0
        async with person.page(dialogue) as page:
            assert page.state["status"] == "closed"
            assert page.state["clock"]["remaining_ms"] == 0
            assert (await page.until("closed"))["reason"] == "time"
            assert await page.closing_code() == 1000


async def test_time_factor_lengthens_every_limit(server: Served) -> None:
    """An accommodation chosen with consent multiplies the conversation's time; an unknown factor is refused."""
    async with clients(server.url) as [person]:
        await person.enter("unhurried")
        refused = await person.take("consent", {"consent": True, "time_factor": 3})
        assert (refused.refusal, refused.error["item"]) == ((422, "invalid_answer"), "time_factor")
        step = (await person.take("consent", {"consent": True, "time_factor": 1.5})).step
        assert step["content"]["limit_ms"] == 90_000
        async with person.page(step["content"]["dialogue"]) as page:
            assert page.state["clock"]["remaining_ms"] == 90_000


async def test_coach_has_no_clock(server: Served) -> None:
    """A dialogue with the coach has no time of its own: `clock` is null, and no clock frames come."""
    async with clients(server.url) as [person]:
        dialogue = (await person.consent("brief"))["content"]["dialogue"]
        async with person.page(dialogue) as page:
            await page.say("What happened?")
            await page.until("closed")
        await person.take("talk_1")
        coach = (await person.take("felt_1", {"empathized": 1})).step
        async with person.page(coach["content"]["dialogue"]) as page:
            assert page.state["clock"] is None
            if not page.state["messages"]:
                await page.until("message", role="coach")
            await page.say("How could I have listened better?")
            await page.until("message", role="coach")
            assert not page.of("clock")
