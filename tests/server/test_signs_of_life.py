"""Signs of life: what a crash or an outage gives back of a clock on which nothing was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.dialogue import Join, Reply, Say
from core.events import Entry
from server.live import Hub
from server.storage.database import Database
from server.storage.migrate import migrate
from server.storage.signs import SignsOfLife
from tests.server.signs import Signs
from tests.server.test_live_mishaps import Page, Storage, hub, used_ms

ANSWERED = (Join("old page", process="here"), Say("line", "Tell me."))
"""Since 1,000 the clock has run, in the hands of the process `here`."""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await migrate(opened)
    yield opened
    await opened.close()


async def joined(there: Hub) -> Page:
    page = Page(1)
    await there.join("d", page, participant_id="p", after_seq=0)
    return page


@pytest.mark.parametrize(("last_sign", "used"), [(0, 0), (500, 0), (1_000, 0), (11_000, 10_000), (30_500, 29_500)])
async def test_a_crash_gives_back_what_follows_the_last_sign(last_sign: int, used: int) -> None:
    """Until then the dialogue was served; without a sign, or with an older one, its last entry is what is known."""
    storage = Storage(*ANSWERED)
    there = hub(storage, now=31_000, process="there", signs=Signs("there", known={"here": last_sign}))
    await joined(there)

    assert used_ms(storage, now=31_000) == used
    assert [entry.seq for entry in storage.entries] == list(range(1, len(storage.entries) + 1))
    await there.stop()


async def test_what_was_due_before_the_last_sign_has_happened_when_it_was_due() -> None:
    """The minute of silence ended while the process lived, though it died before it could say so."""
    storage = Storage(*ANSWERED, Reply("He was everything to me."))
    there = hub(storage, now=90_000, process="there", signs=Signs("there", known={"here": 70_000}))
    await joined(there)

    assert used_ms(storage, now=90_000) == 60_000
    assert [entry.at for entry in storage.entries if entry.event.kind == "paused"] == [61_000]
    await there.stop()


async def test_an_outage_is_not_the_time_of_somebody_who_only_reads() -> None:
    """Nothing is said during it, and yet it is given back: no sign of life could be stored."""
    storage, signs, at = Storage(*ANSWERED), Signs("here"), [1_000]
    here = hub(storage, now=at, signs=signs)
    await joined(here)
    for at[0], signs.is_away in ((11_000, False), (16_000, True), (31_000, True), (36_000, False)):
        storage.is_away = signs.is_away
        await here.show_life()

    assert used_ms(storage, now=36_000) == 10_000
    await here.stop()


async def test_a_storage_that_takes_long_takes_nobodys_time() -> None:
    """Four seconds in which the sign was being stored are given back with the next one."""
    storage, signs, at = Storage(*ANSWERED), Signs("here"), [1_000]
    here = hub(storage, now=at, signs=signs)
    await joined(here)
    at[0] = 11_000
    give = signs.give

    async def give_slowly(asked: int) -> None:
        at[0] += 4_000
        await give(asked)

    signs.give = give_slowly  # type: ignore[method-assign]
    await here.show_life()
    signs.give = give  # type: ignore[method-assign]
    await here.show_life()

    assert used_ms(storage, now=at[0]) == 10_000
    await here.stop()


async def test_signs_are_kept_for_each_process(database: Database) -> None:
    """The last one counts, whoever asks, until it is old."""
    here, there = SignsOfLife(database, "here"), SignsOfLife(database, "there")
    await here.give(5)
    await here.give(10)
    await there.give(20)

    assert [await there.last(name) for name in ("here", "there", "nobody")] == [10, 20, 0]
    await there.forget(before=20)
    assert [await here.last(name) for name in ("here", "there")] == [0, 20]


async def test_a_machine_that_slept_takes_nobodys_time() -> None:
    """The process stood still for a minute and lives on: only the seconds before count."""
    storage, signs, at = Storage(*ANSWERED), Signs("here"), [1_000]
    here = hub(storage, now=at, signs=signs)
    await joined(here)
    for at[0] in (6_000, 11_000, 71_000):
        await here.show_life()

    assert used_ms(storage, now=71_000) == 10_000
    await here.stop()


async def test_who_comes_over_from_a_process_that_stands_still_loses_nothing() -> None:
    """It holds its lease, and gives no sign: the new process counts until the last one."""
    storage = Storage(*ANSWERED)

    async def is_dead(_process: str) -> bool:
        return False

    there = hub(storage, now=31_000, process="there", signs=Signs("there", known={"here": 11_000}), is_dead=is_dead)
    await joined(there)

    assert used_ms(storage, now=31_000) == 10_000
    await there.stop()


async def test_a_storage_that_stays_slow_strands_nobody() -> None:
    """Each commit takes longer than a second: lines are stored and acknowledged all the same."""
    storage, at, page = Storage(*ANSWERED, Reply("He was everything to me.")), [1_000], Page(1)
    here = hub(storage, now=at, signs=Signs("here"))
    append = storage.append

    async def append_slowly(dialogue_id: str, entries: tuple[Entry, ...]) -> None:
        at[0] += 1_200
        await append(dialogue_id, entries)

    storage.append = append_slowly  # type: ignore[method-assign]
    async with asyncio.timeout(10):
        live = await here.join("d", page, participant_id="p", after_seq=0)
        for _ in range(3):
            at[0] += 5_000
            await here.show_life()
        await live.say(page, "more", "Are you there?", pasted=False)

    assert [frame["client_id"] for frame in page.of("ack")] == ["more"]
    await here.stop()
