"""Withdrawal: nothing further is stored, and what is there is treated as consent said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, inspect, text

from tests.llm.fake_openai import completes
from tests.server.client import Client, clients, eventually
from tests.server.conftest import shared_env
from tests.server.served import Served, serving
from tests.server.slow_models import Mood, env_of, fake_model, waits_for
from tests.server.walking import QUESTION, walk

SECRET = "Zyzzyva-7431"
"""A word that only the participant writes: wherever it is found, they are found."""


async def test_erase_leaves_nothing_that_was_said(either_server: Served) -> None:
    """Under `erase`, no table of ours or of the job engine holds a word, an answer or an id of who has withdrawn.

    Participant id, condition, status and times stay; the external id gives way to a hash under which they are known.
    """
    external_id = f"{SECRET}-id"
    async with clients(either_server.url) as [person]:
        await go_through_everything(person, "brief", external_id=external_id, session_id=f"{SECRET}-session")
        [before] = participant(either_server, person)
        await eventually(lambda: calls(either_server, person))
        assert SECRET in everything(either_server), "the search finds what is there"

        gone = await person.withdraw()

        assert (gone.status, gone.body["status"]) == (200, "withdrawn")
        assert SECRET not in everything(either_server)
        for job in jobs_of(either_server, person):
            assert job not in everything(either_server)
        [after] = participant(either_server, person)
        kept = ("id", "condition", "entered_at", "consented_at", "position")
        assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
        assert (after.status, after.session_id, after.source) == ("withdrawn", None, None)
        assert after.external_id.startswith("withdrawn:")
        emptied = {row.kind for row in events(either_server, person) if row.payload == "{}"}
        kept = {row.kind for row in events(either_server, person) if row.payload != "{}"}
        assert emptied <= {"beat"}, "their places in the log stay, and nothing in them"
        assert kept == {"opened", "closed"}
        assert {(row.prompt, row.answer) for row in calls(either_server, person)} == {(None, None)}
        await is_refused_everything(person, "brief", external_id)


async def test_keep_keeps_what_was_stored_until_then(either_server: Served) -> None:
    """Under `keep`, what was stored stays; open dialogues close as withdrawn, and nothing comes after."""
    async with clients(either_server.url) as [person]:
        talk = await person.consent("kept", external_id=f"kept-{either_server.url}")
        async with person.page(talk["content"]["dialogue"]) as page:
            await page.say("A line that stays.")
            await page.until("message", role="seeker")
            said = [row.payload for row in events(either_server, person) if row.kind == "said"]

            await person.withdraw()

            assert (await page.until("closed"))["reason"] == "withdrawn"
        assert [row.payload for row in events(either_server, person) if row.kind == "said"] == said
        [row] = participant(either_server, person)
        assert row.external_id == f"kept-{either_server.url}"
        await is_refused_everything(person, "kept", row.external_id)


async def test_withdrawing_twice_changes_nothing(server: Served) -> None:
    """Once withdrawn, withdrawn: a second call answers the same and stores nothing."""
    async with clients(server.url) as [person]:
        await person.consent("brief")
        first = await person.withdraw()
        stored = events(server, person), participant(server, person)

        assert (await person.withdraw()).body == first.body
        assert [row.kind for row in events(server, person)] == [row.kind for row in stored[0]]
        assert participant(server, person) == stored[1]


async def test_nothing_comes_after(database_url: str, tmp_path: Path, studies: Path) -> None:
    """Withdrawing while the seeker, the coach and the judge are at work: what they bring too late is not kept."""
    gate = asyncio.Event()
    async with fake_model(Mood(waits_for(gate, completes(f"{SECRET} is no form.")))) as fake:
        env = shared_env(studies) | env_of(fake, "seeker", "coach", "judge")
        with serving(database_url, log=tmp_path / "log", env=env) as served:
            async with clients(served.url, 2) as [talker, coached]:
                talk = await talker.consent("unhurried")
                async with talker.page(talk["content"]["dialogue"]) as page, asyncio.timeout(30):
                    await page.say(SECRET)
                    await page.until("typing")
                    await let_time_run_out(coached)
                    await eventually(lambda: len(fake.bodies) >= 4)

                    await talker.withdraw()
                    await coached.withdraw()
                    gate.set()
                    assert (await page.until("closed"))["reason"] == "withdrawn"
                await eventually(lambda: served.rows("SELECT * FROM call WHERE role = 'judge' AND number = 3"))
                await eventually(lambda: served.rows("SELECT * FROM call WHERE role = 'coach' AND number = 3"))
        assert SECRET not in everything(served)
        for table in ("SELECT * FROM feedback", "SELECT * FROM score"):
            assert served.rows(table) == []


async def let_time_run_out(person: Client) -> None:
    """A conversation that runs out of its time unanswered; its coach and its judge are at work then."""
    talk = await person.consent("brief")
    async with person.page(talk["content"]["dialogue"]) as page:
        await page.say(SECRET)
        await page.until("closed")


async def go_through_everything(person: Client, slug: str, **entering: str) -> None:
    """Leave the secret word wherever a participant can."""
    await person.consent(slug, **entering)
    await walk(person, until="felt_1", lines=(f"What is {SECRET}?",))
    await person.note("paste", step="felt_1", payload={"text": SECRET})
    await person.take("felt_1", {"empathized": 4, "comment": f"I wrote {SECRET}."})
    coach = (await person.me()).step
    async with person.page(coach["content"]["dialogue"]) as page:
        if not page.state["messages"]:
            await page.until("message", role="coach")
        await page.say(f"{SECRET}: {QUESTION}")
        await page.until("message", role="coach")


async def is_refused_everything(person: Client, slug: str, external_id: str) -> None:
    """Looking, taking, noting and entering again: all say that this person has withdrawn."""
    me = await person.me()
    assert (me.body["status"], me.step["kind"]) == ("withdrawn", "end")
    assert "completion_code" not in me.step["content"]
    assert (await person.take("talk_1")).refusal == (409, "withdrawn")
    assert (await person.note("paste", step="talk_1", payload={})).refusal == (409, "withdrawn")
    again = await person.enter(slug, external_id=external_id)
    assert (again.status, again.body["participant_id"], again.body["resumed"]) == (201, person.id, True)
    assert (await person.me()).body["status"] == "withdrawn"


def participant(served: Served, person: Client) -> list[Any]:
    return served.rows("SELECT * FROM participant WHERE id = :id", id=person.id)


def events(served: Served, person: Client) -> list[Any]:
    query = "SELECT e.* FROM event e JOIN dialogue d ON d.id = e.dialogue_id WHERE d.participant_id = :id ORDER BY at"
    return served.rows(query, id=person.id)


def calls(served: Served, person: Client) -> list[Any]:
    query = "SELECT c.* FROM call c JOIN dialogue d ON d.id = c.purpose WHERE d.participant_id = :id"
    return served.rows(query, id=person.id)


def jobs_of(served: Served, person: Client) -> list[str]:
    rows = served.rows("SELECT id FROM dialogue WHERE participant_id = :id", id=person.id)
    return [f"{kind}-{row.id}" for row in rows for kind in ("feedback", "score")]


def everything(served: Served) -> str:
    """All rows of all tables, the job engine's included."""
    found: list[str] = []
    for address in {served.database, served.database.replace(".db", "-jobs.db")}:
        engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
        with engine.connect() as connection:
            for schema in inspect(connection).get_schema_names():
                for table in inspect(connection).get_table_names(schema=schema):
                    found += map(str, connection.execute(text(f'SELECT * FROM "{schema}"."{table}"')).all())  # noqa: S608
    return "\n".join(found)
