"""Models that fail: nobody is stranded, nobody pays with their time, and nothing is made up in their place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.llm.fake_openai import chunk, event, says, status, streams
from tests.server.client import Client, clients, eventually
from tests.server.conftest import shared_env
from tests.server.served import Served, serving
from tests.server.slow_models import FIRST, REPLY, SECOND, Mood, begins_and_hangs, fake_model, replies
from tests.server.walking import talk, walk

SLACK_MS = 700
"""What an answer may take on the clock on a machine that does other things as well."""


TWICE = 2
FAULTS = {
    "Please break.": (status(500, "overloaded"), "unreachable"),
    "Please slow down.": (status(429, "too many", headers={"Retry-After": "60"}), "rate_limited"),
    "Please say nothing.": (says(" "), "empty"),
    "Please refuse.": (says(finish="content_filter"), "refused"),
    "Please babble.": (streams(b"data: {oh\n\n"), "malformed"),
    "Please lock me out.": (status(401, "wrong key"), "auth_failed"),
    "Please hang up.": (streams(breaks=True), "unreachable"),
}
"""What the first model does when the supporter says so, and how the ledger calls it."""


class Troubles:
    """A scene that does what the supporter's words ask for, by model: so that one server shows every fault."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    async def play(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        said, model = str(body["messages"]), body["model"]
        if model == "judge" or "Now everything fails." in said or ("There is no coach." in said and model == "coach"):
            return await status(401, "wrong key")(request, body)
        if model == "first" and (scene := next((FAULTS[line][0] for line in FAULTS if line in said), None)):
            return await scene(request, body)
        if "Please end early." in said and model == "first":
            return await streams(event(chunk(FIRST)), event(chunk(SECOND)), breaks=True)(request, body)
        if "Please say half of it." in said:
            return await begins_and_hangs()(request, body)
        if "Please stall." in said:
            await self.gate.wait()
        return await replies()(request, body)


@asynccontextmanager
async def troubled(folder: Path, studies: Path) -> AsyncIterator[tuple[Served, Troubles]]:
    """A server whose models do what they are told."""
    troubles = Troubles()
    async with fake_model(Mood(troubles.play)) as fake:
        env = shared_env(studies) | {
            "OPENAI_BASE_URL": fake.base_url,
            "LENDANEAR_MODEL_SEEKER": "openai:first,openai:second",
            "LENDANEAR_MODEL_COACH": "openai:coach",
            "LENDANEAR_MODEL_JUDGE": "openai:judge",
        }
        with serving(f"sqlite:///{folder / 'study.db'}", log=folder / "log", env=env) as served:
            yield served, troubles


async def test_faults_of_models_through_the_whole_server(tmp_path: Path, studies: Path) -> None:
    """Every way in which a seeker can fail, a dead coach and a dead judge, each with somebody at once."""
    async with troubled(tmp_path, studies) as (served, troubles), clients(served.url, 5 + len(FAULTS)) as people:
        stalled, cut_off, dead, halved, uncoached, *others = people
        await asyncio.gather(
            stall_pauses_the_clock(stalled, troubles.gate),
            *(fallback_answers(person, served, line) for person, line in zip(others, FAULTS, strict=True)),
            reply_that_ends_early_is_begun_again(cut_off, served),
            failure_lets_go_on(dead, served),
            preview_is_shown_to_who_joins(halved),
            nothing_is_made_up(uncoached, served),
        )


async def stall_pauses_the_clock(person: Client, gate: asyncio.Event) -> None:
    """A reply that does not begin pauses the clock and is announced; when it comes, the clock goes on from there."""
    step = await person.consent("unhurried")
    async with person.page(step["content"]["dialogue"]) as page:
        before = page.state["clock"]["remaining_ms"]
        await page.say("Please stall.")
        assert (await page.until("notice"))["code"] == "reply_delayed"
        paused = await page.until_clock("seeker_unavailable")
        assert paused["running"] is False
        assert before - paused["remaining_ms"] < 8_000 + SLACK_MS
        await asyncio.sleep(1.5)
        gate.set()
        resumed = await page.until_clock()
        assert resumed["running"] is True
        assert 0 <= paused["remaining_ms"] - resumed["remaining_ms"] < SLACK_MS
        assert [frame["text"] for frame in page.of("message")] == [REPLY]


async def fallback_answers(person: Client, served: Served, line: str) -> None:
    """When the first model gives up, the next one of the role answers, and the message says which it was."""
    step = await person.consent("unhurried")
    async with person.page(step["content"]["dialogue"]) as page:
        await page.say(line)
        assert (await page.until("message", wait_s=40))["text"] == REPLY
    query = "SELECT payload FROM event WHERE dialogue_id = :id AND kind = 'said' ORDER BY seq"
    assert "openai:second" in served.rows(query, id=step["content"]["dialogue"])[-1].payload
    called = "SELECT model, outcome FROM call WHERE purpose = :id ORDER BY id"
    calls: list[Any] = []

    def is_written() -> bool:
        calls[:] = served.rows(called, id=step["content"]["dialogue"])
        return ("openai:second", "ok") in calls

    await eventually(is_written)
    assert calls[-1] == ("openai:second", "ok")
    assert {tuple(row) for row in calls[:-1]} == {("openai:first", FAULTS[line][1])}


async def reply_that_ends_early_is_begun_again(person: Client, served: Served) -> None:
    """A break in mid-reply costs the half that was shown and no time; every attempt is a row of the ledger.

    A model that breaks off every time is asked twice, then the next one answers.
    """
    step = await person.consent("unhurried")
    async with person.page(step["content"]["dialogue"]) as page:
        await page.say("Please end early.")
        assert (await page.until_clock("seeker_unavailable", wait_s=40))["running"] is False
        assert (await page.until("message", wait_s=40))["text"] == REPLY
        assert (await page.until_clock())["running"] is True
    called = "SELECT model, outcome FROM call WHERE purpose = :id ORDER BY id"
    calls = [("openai:first", "cut_off")] * TWICE + [("openai:second", "ok")]
    await eventually(lambda: [tuple(row) for row in served.rows(called, id=step["content"]["dialogue"])] == calls)


async def failure_lets_go_on(person: Client, served: Served) -> None:
    """When every model has failed for good, the conversation closes as `failed`, and the way leads to the code."""
    step = await person.consent("unhurried")
    async with person.page(step["content"]["dialogue"]) as page:
        ack = await page.say("Now everything fails.")
        assert (await page.until("closed", wait_s=40))["reason"] == "failed"
        assert page.of("notice")[0]["code"] == "reply_delayed"
        assert not page.of("message"), "no reply is invented"
        assert await page.closing_code() == 1000
    assert (await person.take("talk_1")).step["id"] == "felt_1"
    async with person.page() as page:
        state = await page.join(step["content"]["dialogue"])
        assert [m["seq"] for m in state["messages"]][-1] == ack["seq"], "the line stands"
    assert (await person.take("felt_1", {"empathized": 3})).step["id"] == "coach_1"
    await eventually(lambda: coach_has_failed(person))
    assert (await person.take("coach_1")).step["content"]["completion_code"] == "DONE"


async def coach_has_failed(person: Client) -> bool:
    return bool((await person.me()).step["content"]["failed"])


async def preview_is_shown_to_who_joins(person: Client) -> None:
    """Who joins in mid-reply gets `typing` and what has been shown so far as one `delta`; the half is no message."""
    step = await person.consent("unhurried")
    async with person.page(step["content"]["dialogue"]) as page:
        await page.say("Please say half of it.")
        shown = await page.until("delta")
    async with person.page(step["content"]["dialogue"]) as page:
        assert [m["role"] for m in page.state["messages"]] == ["seeker", "supporter"]
        assert (await page.until("typing"))["role"] == "seeker"
        assert (await page.next())["text"] == shown["text"]
        assert shown["text"].strip() == FIRST.strip()


async def nothing_is_made_up(person: Client, served: Served) -> None:
    """Without a coach the step says so and its gate opens; without a judge there is a reason and no number."""
    await person.enter("brief")
    step = (await walk(person, until="talk_1"))[-1]["step"]
    await talk(person, step["content"]["dialogue"], ("There is no coach.",))
    coach = (await walk(person, until="coach_1"))[-1]["step"]

    await eventually(lambda: coach_has_failed(person))
    assert (await person.me()).step["content"]["meters"] is None
    assert (await person.take("coach_1")).step["kind"] == "end"
    failed = served.rows("SELECT * FROM feedback WHERE dialogue_id = :id", id=coach["content"]["dialogue"])
    assert [(row.failure is not None, row.validating) for row in failed] == [(True, None)]
    scored = "SELECT score, failure FROM score WHERE conversation_id = :id"
    rows = await eventually(lambda: served.rows(scored, id=step["content"]["dialogue"]))
    assert [row.score for row in rows] == [None] * 6
    assert all("key" in row.failure or "auth" in row.failure for row in rows)
