"""A process among others on one PostgreSQL: it keeps its lease and listens, whatever comes of what it hears."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.errors import Unusable
from server.presence import Presence
from server.storage.database import Database
from tests.server.client import eventually
from tests.server.conftest import new_database

pytestmark = pytest.mark.postgres


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    database = Database(new_database(postgres))
    yield database
    await database.close()


async def _nothing(_dialogue_id: str = "") -> None:
    return None


async def test_word_that_cannot_be_taken_costs_no_lease(database: Database) -> None:
    """A failure of ours over one word is no death: the process counts as living, and hears the next word."""
    heard: list[str] = []

    async def fail(dialogue_id: str) -> None:
        heard.append(dialogue_id)
        raise ZeroDivisionError

    one = Presence(database, "one", on_word=fail, on_silence=_nothing)
    other = Presence(database, "other", on_word=_nothing, on_silence=_nothing)
    await one.start()
    await other.start()
    for dialogue_id in ("first", "second"):
        other.tell(dialogue_id)
        await eventually(lambda dialogue_id=dialogue_id: dialogue_id in heard)
        assert not await other.is_dead("one")
    await one.stop()

    assert heard == ["first", "second"]
    await eventually(lambda: other.is_dead("one"))
    await other.stop()


async def test_a_process_that_cannot_make_itself_known_does_not_begin(database: Database) -> None:
    """Without its lease nothing may be done under its name, so it says why it cannot start instead of waiting."""
    database.url = database.url.replace("/test_", "/no_such_test_", 1)
    one = Presence(database, "one", on_word=_nothing, on_silence=_nothing)

    with pytest.raises(Unusable, match="make itself known"):
        await one.start()
