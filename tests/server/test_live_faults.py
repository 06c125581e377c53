"""The live dialogue under faults at any moment: outages, lost answers of the storage, crashes, second tabs."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from core.dialogue import fold
from core.events import Entry
from core.transcript import Role
from server.live import Hub, LiveDialogue, dialogue
from server.storage.log import LogUnavailable
from tests.server.signs import Signs
from tests.server.test_live import Page, SlowLog, _hub

STEPS = 80


class Storage(SlowLog):
    """A log that may be away, and that may store something and lose the answer."""

    is_away = False

    async def append(self, dialogue_id: str, entries: tuple[Entry, ...]) -> None:
        if self.is_away or self._generator.random() < 0.05:
            raise LogUnavailable("away")
        await super().append(dialogue_id, entries)
        if self._generator.random() < 0.05:
            raise LogUnavailable("stored, but the answer was lost")


class Dead(Exception):
    """The process has been killed."""


class Reach:
    """The storage as one process reaches it: once that is killed, nothing of it gets through."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.is_dead = False

    async def read(self, dialogue_id: str) -> list[Entry]:
        self._check()
        return await self._storage.read(dialogue_id)

    async def append(self, dialogue_id: str, entries: tuple[Entry, ...]) -> None:
        self._check()
        await self._storage.append(dialogue_id, entries)
        self._check()

    def _check(self) -> None:
        if self.is_dead:
            raise Dead


class Person:
    """Somebody with one tab after the other, who sends a line again until it is acknowledged."""

    def __init__(self, storage: Storage, generator: random.Random) -> None:
        self._storage, self._generator = storage, generator
        self._signs = Signs()
        self.told: dict[int, str] = {}
        self.lines = 0
        self._page: Page | None = None
        self._live: LiveDialogue | None = None
        self.begin_process()

    def begin_process(self) -> None:
        """A process in the place of one that has died, if there was one; it knows only the log."""
        self._page = self._live = None
        self.reach = Reach(self._storage)
        self.hub: Hub = _hub(self.reach, self._generator, signs=self._signs)  # type: ignore[arg-type]

    def crash(self) -> None:
        self.reach.is_dead = True
        self.listen()
        self.begin_process()

    async def open_tab(self) -> None:
        self.listen()
        page = Page(self._generator.getrandbits(60))
        try:
            self._live = await self.hub.join("d", page, participant_id="p", after_seq=0)
        except LogUnavailable:
            return
        self._page = page

    async def say(self) -> None:
        if self._live is not None and self._page is not None:
            await self._live.say(self._page, f"line-{self.lines}", f"Tell me more {self.lines}", pasted=False)

    async def show_life(self) -> None:
        """What the process of this person's pages does by itself every few seconds."""
        self._signs.is_away = self._storage.is_away
        await self.hub.show_life()

    async def hide(self) -> None:
        if self._live is not None and self._page is not None:
            await self._live.show(self._page, visible=self._generator.random() < 0.5)

    def listen(self) -> None:
        """Take in what the page was told; nothing may be told otherwise than before."""
        if self._page is None:
            return
        told = {m["seq"]: m["text"] for frame in self._page.of("state") for m in frame["messages"]}
        told |= {m["seq"]: m["text"] for m in self._page.of("message")}
        told |= {f["seq"]: f"Tell me more {f['client_id'].removeprefix('line-')}" for f in self._page.of("ack")}
        for seq, text in told.items():
            assert self.told.setdefault(seq, text) == text
        if any(frame["client_id"] == f"line-{self.lines}" for frame in self._page.of("ack")):
            self.lines += 1


@pytest.mark.parametrize("seed", range(5))
async def test_what_was_shown_is_what_the_log_tells_whatever_fails(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through outages, lost answers, crashes and second tabs: everything told stands in the log, once and in order.

    When all is well again, a page that joins is shown exactly the fold of the log, and nobody was stranded.
    """
    monkeypatch.setattr(dialogue, "TRY_AGAIN_S", 0.002)
    generator = random.Random(seed)
    storage = Storage(generator, limit_ms=600_000)
    person = Person(storage, generator)
    for _ in range(STEPS):
        storage.is_away = generator.random() < 0.15
        if generator.random() < 0.06:
            person.crash()
        do = generator.choices([person.open_tab, person.say, person.hide, person.show_life], weights=[2, 6, 1, 1])[0]
        await do()
        await asyncio.sleep(generator.uniform(0, 0.02))
        person.listen()

    storage.is_away = False
    before = person.lines
    async with asyncio.timeout(20):
        while person.lines < before + 2:
            await person.show_life()
            await person.open_tab()
            await person.say()
            await asyncio.sleep(0.05)
            person.listen()
    stored = fold(storage.entries)
    messages = {m.seq: m.text for m in stored.messages}
    assert person.told.items() <= messages.items()
    assert [entry.seq for entry in storage.entries] == list(range(1, len(storage.entries) + 1))
    own = Counter(m.text for m in stored.messages if m.role is Role.SUPPORTER)
    assert set(own.values()) <= {1}
    assert {f"Tell me more {number}" for number in range(person.lines)} <= set(own)
    await person.hub.stop()
