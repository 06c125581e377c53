"""Crashes: the process is killed in the middle of everything, and nobody who comes back has lost anything."""

from __future__ import annotations

import asyncio
import time
import uuid
from pathlib import Path
from typing import Any

from core.dimensions import DIMENSIONS
from tests.server.client import Client, Closed, Page, clients, eventually
from tests.server.conftest import shared_env
from tests.server.served import Served, start
from tests.server.slow_models import REPLY, Mood, begins_and_hangs, env_of, fake_model, hangs, replies
from tests.server.walking import walk

BEAT_MS = 500
"""The beat at scale 60: five seconds, but not below half a second."""
LATE_MS = 1_000
"""How late a beat or an answer may be on a machine that does other things as well."""
CROWD = 12


async def test_kill_while_a_reply_streams_and_lines_are_acknowledged(
    database_url: str, tmp_path: Path, studies: Path
) -> None:
    """Killed in mid-reply and in mid-acknowledgement: after the restart everything acknowledged is there once.

    The half reply is gone, its line gets a whole one; the clock has lost at most a beat of its account and has
    not run while nobody served; a line that was sent without an answer can be sent again and stands once.
    """
    mood = Mood(begins_and_hangs())
    async with fake_model(mood) as fake:
        env = shared_env(studies) | env_of(fake, "seeker")
        served = start(database_url, log=tmp_path / "log", env=env)
        async with clients(served.url, 1 + CROWD) as [person, *crowd]:
            dialogue = (await person.consent("unhurried"))["content"]["dialogue"]
            async with person.page(dialogue) as page:
                await page.say("What happened?", client_id="first")
                await page.until("delta")
                lines = await say_and_kill(served, crowd)
                clock = await last_clock(page)
            mood.scene, killed = replies(), time.monotonic()

            served = restart(served, tmp_path, env)
            try:
                person.url = served.url
                # Long enough to be seen on the clock, however fast the server starts.
                await asyncio.sleep(killed + 2.5 * LATE_MS / 1000 - time.monotonic())
                async with person.page(dialogue) as page:
                    assert [m["text"] for m in page.state["messages"]][1:] == ["What happened?"]
                    assert -LATE_MS <= page.state["clock"]["remaining_ms"] - clock <= BEAT_MS + LATE_MS
                    reply = await page.until("message", role="seeker")
                    assert reply["text"] == REPLY
                    assert (await page.say("x", client_id="first"))["seq"] == page.state["messages"][1]["seq"]
                for member, (talk, client_id, seq) in zip(crowd, lines, strict=True):
                    member.url = served.url
                    await check_line(member, talk, client_id, seq)
            finally:
                served.kill()
    events = served.rows("SELECT dialogue_id, seq FROM event")
    assert len(events) == len(set(events))


async def say_and_kill(served: Served, crowd: list[Client]) -> list[tuple[str, str, int | None]]:
    """Let everyone speak at once and kill the server after the third acknowledgement; what each was told."""
    talks = [(await member.consent("unhurried"))["content"]["dialogue"] for member in crowd]
    acknowledged: list[int] = []
    all_joined = asyncio.Barrier(len(crowd))

    async def speak(member: Client, talk: str) -> tuple[str, str, int | None]:
        client_id, seq = uuid.uuid4().hex, None
        async with member.page(talk) as page:
            await all_joined.wait()
            await page.send("say", client_id=client_id, text=f"My line in {talk}")
            try:
                seq = (await page.until("ack"))["seq"]
            except Closed:
                return talk, client_id, None
            acknowledged.append(seq)
            if len(acknowledged) == 3:
                served.kill()
        return talk, client_id, seq

    lines = await asyncio.gather(*(speak(member, talk) for member, talk in zip(crowd, talks, strict=True)))
    assert len(acknowledged) >= 3
    return lines


async def check_line(member: Client, talk: str, client_id: str, seq: int | None) -> None:
    """The line stands where it was acknowledged, and once, also when it is sent again."""
    async with member.page(talk) as page:
        before = [m for m in page.state["messages"] if m["role"] == "supporter"]
        assert seq is None or [m["seq"] for m in before] == [seq]
        again = await page.say(f"My line in {talk}", client_id=client_id)
        assert again["type"] == "ack"
        assert seq in (None, again["seq"])
        await page.reply()
    async with member.page(talk) as page:
        said = [m for m in page.state["messages"] if m["role"] == "supporter"]
        assert [(m["seq"], m["text"]) for m in said] == [(again["seq"], f"My line in {talk}")]


async def last_clock(page: Page) -> int:
    """What remained on the clock when the server was killed, as far as its page was told."""
    assert await page.closing_code() == 1006, "cut off, not closed"
    return int(page.of("clock")[-1]["remaining_ms"])


async def test_kill_while_feedback_and_score_are_made(database_url: str, tmp_path: Path, studies: Path) -> None:
    """Killed while the coach reads and the judge rates: after the restart both jobs are done, each once."""
    async with fake_model(Mood(hangs())) as fake:
        env = shared_env(studies)
        served = start(database_url, log=tmp_path / "log", env=env | env_of(fake, "coach", "judge"))
        async with clients(served.url) as [person]:
            await person.consent("brief")
            await walk(person, until="felt_1")
            await eventually(lambda: len(fake.bodies) == 2)
            served.kill()

            served = restart(served, tmp_path, env)
            try:
                person.url = served.url
                [talk] = served.rows("SELECT id FROM dialogue WHERE counterpart = 'seeker'")
                await eventually(lambda: scores(served))
                await walk(person)
                assert [row.dimension for row in scores(served)] == [d.value for d in DIMENSIONS]
                assert {row.conversation_id for row in scores(served)} == {talk.id}
                assert served.rows("SELECT count(*) FROM feedback") == [(1,)]
            finally:
                served.kill()


def scores(served: Served) -> list[Any]:
    return served.rows("SELECT conversation_id, dimension, score, failure FROM score ORDER BY id")


def restart(served: Served, folder: Path, env: dict[str, str]) -> Served:
    """A new process on the database of one that was killed."""
    return start(served.database, log=folder / "log", env=env)
