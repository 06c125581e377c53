"""Withdrawals in the middle of something else: what was decided before is not stored after."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from core.errors import Withdrawn
from server import engine, ledger, opening
from server.opening import open_world
from server.participants import Entry
from server.settings import Settings
from server.storage.database import Database
from server.storage.tables import CallRow, ParticipantRow
from server.withdrawal import withdraw
from server.world import World
from tests.server.client import eventually
from tests.server.conftest import new_database
from tests.server.served import rows


async def consented(world: World, slug: str = "unhurried") -> ParticipantRow:
    entered = await world.participants.enter(world.studies.current(slug), Entry())
    person = await world.participants.holder(entered.token)
    return await engine.take(world, person, "consent", {"consent": True})


async def test_no_conversation_is_opened_for_who_has_gone(world: World) -> None:
    """A page that was asked for before the withdrawal, and is made after it: nobody could erase what is said there."""
    person = await consented(world)
    await withdraw(world, person)

    with pytest.raises(Withdrawn):
        await engine.show(world, person)

    assert rows(world.settings.database_url, "SELECT id FROM dialogue") == []


async def test_no_coach_is_opened_for_who_has_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The conversation ends, and its participant withdraws before the coach begins to read."""
    person = await consented(world)
    talk = (await engine.show(world, person))["step"]["content"]["dialogue"]

    async def withdraws_first(world: World, participant: ParticipantRow) -> Any:
        await withdraw(world, participant)
        return await engine.place_of(world, participant)

    monkeypatch.setattr(opening, "place_of", withdraws_first)
    await opening._on_closed(world, await world.dialogues.row(talk))

    assert rows(world.settings.database_url, "SELECT counterpart FROM dialogue") == [("seeker",)]
    assert rows(world.settings.database_url.replace("study.db", "study-jobs.db"), "SELECT 1 FROM workflow_status") == []


async def test_withdrawing_again_after_the_end_takes_no_end_away(world: World) -> None:
    """When somebody finished is what says whether their place may be given to another."""
    person = await consented(world, "one_place")
    for number in (1, 2):
        await engine.show(world, person)
        person = await engine.take(world, person, f"pair_{number}", {"choice": "left"})
    await withdraw(world, person)
    once = rows(world.settings.database_url, "SELECT status, finished_at FROM participant")
    async with world.database.reading() as session:
        again = await session.get_one(ParticipantRow, person.id)
    await withdraw(world, again)

    assert rows(world.settings.database_url, "SELECT status, finished_at FROM participant") == once
    assert once[0].finished_at is not None


@pytest.mark.postgres
async def test_an_erasure_waits_for_calls_that_are_being_stored(postgres: str, tmp_path: Path, studies: Path) -> None:
    """Another process has looked who has withdrawn, and stores a call just then: its texts must not outlast them."""
    address = new_database(postgres).replace("postgresql://", "postgresql+psycopg://", 1)
    async with open_world(Settings(database_url=address, studies=studies, time_scale=60)) as world:
        person = await consented(world)
        talk = (await engine.show(world, person))["step"]["content"]["dialogue"]
        other = Database(address)
        with inserting_held_up(other) as (looked, goes_on):
            storing = asyncio.create_task(other.write_in_thread(partial(ledger._store, [call(talk)])))
            assert await asyncio.to_thread(looked.wait, 10)
            erasing = asyncio.create_task(withdraw(world, person))
            await eventually(lambda: rows(address, "SELECT 1 FROM pg_locks WHERE NOT granted"))
            goes_on.set()
            await storing
            await erasing
        await other.close()

    assert rows(address, "SELECT prompt, answer FROM call WHERE model = 'x:y'") == [(None, None)]


@contextmanager
def inserting_held_up(database: Database) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Calls are not stored before the second is set; the first is, once they are about to be."""
    looked, goes_on = threading.Event(), threading.Event()

    def hold_up(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO call"):
            looked.set()
            goes_on.wait(10)

    event.listen(database._plain, "before_cursor_execute", hold_up)
    yield looked, goes_on


def call(purpose: str) -> dict[str, object]:
    """A call of the ledger about a dialogue, with something private in it."""
    columns: dict[str, object] = dict.fromkeys(CallRow.__table__.columns.keys())  # type: ignore[attr-defined]
    del columns["id"]
    numbers = {"number": 1, "prompt_tokens": 1, "completion_tokens": 1, "started_at": 1, "total_ms": 1}
    texts = {"role": "seeker", "model": "x:y", "purpose": purpose, "parameters": "{}", "outcome": "ok"}
    named = {"prompt_version": "1", "prompt_hash": "h", "cost_certainty": "unknown"}
    return columns | numbers | texts | named | {"prompt": '[["user", "My secret"]]', "answer": "Your secret"}
