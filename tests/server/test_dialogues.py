"""Opening dialogues, once and whole, and looking at them from the desk: what is asked of the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from core.transcript import Role
from server.desk.overview import live_shown, studies_shown
from server.engine import place_of, show
from server.opening import open_world
from server.place import Place
from server.settings import Settings
from server.storage.log_writer import Row
from server.work import count_unscored
from server.world import World
from tests.server.served import rows
from tests.server.small_studies import TALK, write_study


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world with one study that begins with a conversation."""
    write_study(tmp_path / "studies" / "talking", TALK)
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'study.db'}", studies=tmp_path / "studies")
    async with open_world(settings) as world:
        yield world


async def change(world: World, statement: str, **values: object) -> None:
    async with world.database.engine.begin() as connection:
        await connection.execute(text(statement), values)


async def at_conversation(world: World) -> Place:
    """The place of somebody who stands before their first conversation."""
    admission = await world.participants.practise(world.studies.current("talking"), "loss")
    await change(world, "UPDATE participant SET position = 1")
    return await place_of(world, await world.participants.holder(admission.token))


@contextmanager
def logs_read(world: World) -> Iterator[list[str]]:
    """The statements that read what stands in logs."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT event.seq, event.at, event.kind, event.payload"):
            found.append(statement)

    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


async def test_a_dialogue_that_is_shown_again_is_not_read(world: World) -> None:
    """Whether it has begun is one question for one row, however long it has become."""
    place = await at_conversation(world)
    first = await show(world, place.participant)
    with logs_read(world) as found:
        again = await show(world, place.participant)

    assert first["step"]["content"]["dialogue"] == again["step"]["content"]["dialogue"]
    assert not found


async def test_a_dialogue_is_never_there_without_its_opening(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a job says into one that is not open yet would be lost: the row is stored with the opening or not at all."""
    place = await at_conversation(world)
    with monkeypatch.context() as broken:
        broken.setattr("server.dialogues.row_of", lambda *_: Row("nobody's", 1, 0, "opened", "{}"))
        with pytest.raises(AssertionError):
            await show(world, place.participant)
    assert rows(world.settings.database_url, "SELECT id FROM dialogue") == []

    shown = await show(world, place.participant)
    state = await world.dialogues.state(shown["step"]["content"]["dialogue"])
    assert [message.role for message in state.messages] == [Role.SEEKER]


async def test_a_dialogue_that_two_ask_for_at_once_is_opened_once(world: World) -> None:
    """A page that is loaded twice: one dialogue, with one opening."""
    place = await at_conversation(world)
    shown = await asyncio.gather(*(show(world, place.participant) for _ in range(4)))

    [dialogue] = {one["step"]["content"]["dialogue"] for one in shown}
    kinds = rows(world.settings.database_url, "SELECT kind FROM event WHERE dialogue_id = :id", id=dialogue)
    assert [kind for (kind,) in kinds].count("opened") == 1


async def test_desk_counts_dialogues_and_reads_only_those_it_shows(world: World) -> None:
    """The list of studies needs no log; the study's own page reads each of its running dialogues once."""
    for _ in range(3):
        await show(world, (await at_conversation(world)).participant)
    with logs_read(world) as found:
        [card] = await studies_shown(world)
        assert (card["running"], card["alerts"], found) == (3, 0, [])
        live = await live_shown(world, world.studies.current("talking"))

    assert [talk["condition"] for talk in live["conversations"]] == ["only"] * 3
    assert [talk["messages"] for talk in live["conversations"]] == [1] * 3
    assert len(found) == 3


async def test_closed_conversations_without_a_score_are_counted(world: World) -> None:
    """One that is closed waits for its score, one that goes on does not."""
    first, second = [await show(world, (await at_conversation(world)).participant) for _ in range(2)]
    assert await count_unscored(world.database) == 0
    assert first["step"]["content"]["dialogue"] != second["step"]["content"]["dialogue"]
    closing = "INSERT INTO event (dialogue_id, seq, at, kind, payload) VALUES (:id, 99, 0, 'closed', '{}')"
    await change(world, closing, id=first["step"]["content"]["dialogue"])

    assert await count_unscored(world.database) == 1
