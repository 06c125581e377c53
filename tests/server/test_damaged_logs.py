"""A log in which an entry is missing: everybody who comes upon it is told, and nothing else is held up by it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.judging_study import SLUG, fill
from server.commands.score import ScoreWishes, score
from server.desk.accounts import DeskRole
from server.settings import Settings
from tests.server.browsing import at_the_desk
from tests.server.client import clients, eventually
from tests.server.served import Served

HOLDING = "SELECT seq FROM event WHERE dialogue_id = :dialogue AND payload LIKE :text"


async def test_a_damaged_conversation_is_left_out_by_score_and_named(tmp_path: Path) -> None:
    """All others are scored, and asking again does not change that; one that was scored while it was whole counts."""
    database = f"sqlite:///{tmp_path / 'study.db'}"
    await fill(database, 3)
    wishes = ScoreWishes(SLUG, rubric="empathy", model="rules")
    left_out = "dialogue talk-000001 is left out: an entry of its log is missing in the database"
    for damaged in ("talk-000001", "talk-000002"):
        _delete_entry(database, damaged)
        done = await score(Settings(database_url=database), wishes)

        assert (done.done, done.total, list(done.faults)) == (2, 2, [left_out])


async def test_a_damaged_conversation_is_told_to_page_and_desk_and_can_be_erased(server: Served) -> None:
    """The page gets 4410 and asks no more; the desk shows what is left; its person goes on or withdraws."""
    async with clients(server.url) as [person]:
        step = await person.consent("unhurried")
        dialogue = step["content"]["dialogue"]
        async with person.page(dialogue) as page:
            await page.say("Still here.")
            await page.until("message")
        await eventually(lambda: server.rows(HOLDING, dialogue=dialogue, text="%disconnected%"))
        _delete_entry(server.database, dialogue)

        async with person.page() as page:
            await page.send("join", dialogue=dialogue, after_seq=0)
            assert await page.closing_code() == 4410
        async with at_the_desk(server, DeskRole.EXPERIMENTER) as visitor:
            transcript = await visitor.call("GET", f"/desk/dialogues/{dialogue}")
            study = await visitor.call("GET", "/desk/studies/unhurried")
        assert (transcript.status, study.status) == (200, 200)
        assert "is damaged: entry 3 of its log is missing in the database." in transcript.body
        assert "Still here." in transcript.body
        assert "Its record is damaged" in study.body

        assert (await person.take(step["id"])).status == 200
        assert (await person.withdraw()).status == 200
        assert server.rows(HOLDING, dialogue=dialogue, text="%Still here%") == []


def _delete_entry(database_url: str, dialogue: str) -> None:
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as database, database:
        database.execute("DELETE FROM event WHERE dialogue_id = ? AND seq = 3", [dialogue])
