"""The live dialogue under odd timing: slow commits, connections that come and go, replies in between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.dialogue import Dialogue, Open, Reply, decide, evolve, fold
from core.events import CloseReason, Entry, Opened
from core.transcript import Role
from server.live import Hub
from server.storage.log import LogConflict
from server.storage.tables import DialogueRow
from server.times import now_ms
from tests.server.client import eventually
from tests.server.signs import Signs

ROW = DialogueRow(id="d", participant_id="p", step_id="conversation_1", counterpart="seeker", scenario="loss")


class SlowLog:
    """A log in memory whose appends take a random moment, as those of a database do."""

    def __init__(self, generator: random.Random, *, limit_ms: int) -> None:
        self.entries: list[Entry] = []
        self._generator = generator
        rules = Opened(counterpart=Role.SEEKER, limit_ms=limit_ms, idle_ms=limit_ms)
        state = Dialogue()
        for command in (Open(rules), Reply("My dad died.")):
            for entry in decide(state, command, now_ms()):
                state = evolve(state, entry)
                self.entries.append(entry)

    async def read(self, _dialogue_id: str) -> list[Entry]:
        await asyncio.sleep(self._generator.uniform(0, 0.004))
        return list(self.entries)

    async def append(self, _dialogue_id: str, entries: tuple[Entry, ...]) -> None:
        await asyncio.sleep(self._generator.uniform(0, 0.008))
        if entries[0].seq != len(self.entries) + 1:
            raise LogConflict
        self.entries += entries


class Words:
    """A reply of a few pieces."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator
        self.text = "I miss him."

    async def __aiter__(self) -> AsyncIterator[str]:
        for piece in ("I ", "miss ", "him."):
            await asyncio.sleep(self._generator.uniform(0, 0.006))
            yield piece

    def stored_label(self) -> dict[str, Any]:
        return {"model": "scripted:1"}


class Seekers:
    """Counterparts that answer with `Words`."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator

    async def reply(self, _row: DialogueRow, _state: Dialogue) -> Words:
        return Words(self._generator)


class Page:
    """A page that remembers what it was told."""

    def __init__(self, number: int) -> None:
        self.id = f"page-{number}"
        self.absent_ms = 0
        self.frames: list[dict[str, Any]] = []
        self.code: int | None = None

    def send(self, frame: dict[str, Any]) -> None:
        if self.code is None:
            self.frames.append(frame)

    def close(self, code: int) -> None:
        self.code = self.code or code

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]


def _hub(
    log: SlowLog, generator: random.Random, counterparts: Seekers | None = None, signs: Signs | None = None
) -> Hub:
    async def find(_dialogue_id: str) -> DialogueRow:
        return ROW

    async def closed(_row: DialogueRow) -> None:
        return None

    return Hub(
        log=log,  # type: ignore[arg-type]
        signs=signs or Signs(),  # type: ignore[arg-type]
        find=find,
        counterparts=counterparts or Seekers(generator),  # type: ignore[arg-type]
        now=now_ms,
        time_scale=60,
        on_closed=closed,
        on_alert=lambda _row: None,
    )


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_stored_is_told_through_every_change_of_connection(seed: int) -> None:
    """Pages that come and go at any moment see, together with the state they join, every stored message once."""
    generator = random.Random(seed)
    log = SlowLog(generator, limit_ms=1_200)
    hub = _hub(log, generator)
    shown: dict[int, str] = {}
    for number in range(200):
        page = Page(number)
        live = await hub.join("d", page, participant_id="p", after_seq=max(shown, default=0))
        if generator.random() < 0.6:
            await live.say(page, f"line-{number}", f"Tell me more {number}", pasted=False)
        await asyncio.sleep(generator.uniform(0, 0.03))
        await live.leave(page)
        _note(page, shown)
        if page.of("closed"):
            break

    stored = {m.seq: m.text for m in fold(log.entries).messages}
    assert fold(log.entries).closed is CloseReason.TIME
    assert shown == stored
    assert [entry.seq for entry in log.entries] == list(range(1, len(log.entries) + 1))


def _note(page: Page, shown: dict[int, str]) -> None:
    """Add what a page was told; nothing may be told twice, or otherwise than before."""
    said = {f["client_id"]: f for f in page.of("ack")}
    for message in page.of("state")[0]["messages"] + page.of("message"):
        assert shown.get(message["seq"], message["text"]) == message["text"]
        shown[message["seq"]] = message["text"]
    for client_id, ack in said.items():
        shown[ack["seq"]] = f"Tell me more {client_id.removeprefix('line-')}"


async def test_two_pages_at_once_never_leave_two_live_dialogues(tmp_path: object) -> None:
    """However joins and leaves fall together, one object serves the dialogue, and the last page to join has it."""
    generator = random.Random(7)
    log = SlowLog(generator, limit_ms=60_000)
    hub = _hub(log, generator)

    async def visit(number: int) -> Page:
        page = Page(number)
        await asyncio.sleep(generator.uniform(0, 0.05))
        live = await hub.join("d", page, participant_id="p", after_seq=0)
        await asyncio.sleep(generator.uniform(0, 0.02))
        await live.leave(page)
        return page

    pages = await asyncio.gather(*(visit(number) for number in range(60)))
    await eventually(lambda: not len(hub))

    assert all(page.of("state") for page in pages)
    assert fold(log.entries).is_open


class Broken(Seekers):
    """Counterparts that fail for a reason nobody foresaw."""

    def __init__(self, generator: random.Random) -> None:
        super().__init__(generator)
        self.asked = 0

    async def reply(self, _row: DialogueRow, _state: Dialogue) -> Words:
        self.asked += 1
        raise ZeroDivisionError


async def test_a_fault_of_ours_ends_the_conversation_instead_of_trying_for_ever() -> None:
    """A reply that breaks off for an unforeseen reason is not begun again and again: the participant may go on."""
    generator = random.Random(3)
    log, seekers = SlowLog(generator, limit_ms=60_000), Broken(generator)
    hub = _hub(log, generator, seekers)
    page = Page(1)
    live = await hub.join("d", page, participant_id="p", after_seq=0)

    await live.say(page, "line-1", "Tell me more 1", pasted=False)
    await eventually(lambda: page.of("closed"))

    assert seekers.asked == 1
    assert page.of("closed")[0]["reason"] == "failed"
