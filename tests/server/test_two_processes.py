"""Two processes at one dialogue, of which one has missed what the other did: nothing is said twice, late or lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from core.dialogue import Dialogue, Join, Reply
from core.transcript import Role
from server.live import Hub
from server.storage.tables import DialogueRow
from tests.server.client import eventually
from tests.server.signs import Signs
from tests.server.test_live import Page
from tests.server.test_live_mishaps import COACH, Storage, hub, used_ms


class Gated:
    """A counterpart who answers each line once its gate is open, in the name of a process."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._gates: dict[str, asyncio.Event] = {}

    def gate(self, line: str) -> asyncio.Event:
        return self._gates.setdefault(line, asyncio.Event())

    async def reply(self, _row: DialogueRow, state: Dialogue) -> Answer:
        line = state.messages[-1].text
        return Answer(f"{self._process} on {line}", self.gate(line))


class Answer:
    def __init__(self, text: str, gate: asyncio.Event) -> None:
        self.text = text
        self._gate = gate

    async def __aiter__(self) -> AsyncIterator[str]:
        await self._gate.wait()
        yield self.text

    def stored_label(self) -> dict[str, Any]:
        return {"model": "scripted:1"}


async def nobody_is_dead(_process: str) -> bool:
    return False


def process(
    storage: Storage, name: str, *, now: int | list[int] = 5_000, signs: Signs | None = None
) -> tuple[Hub, Gated]:
    """A process of that name, none of whose others is dead, and the counterpart who answers in it."""
    seeker = Gated(name)
    return hub(storage, process=name, counterparts=seeker, is_dead=nobody_is_dead, now=now, signs=signs), seeker  # type: ignore[arg-type]


async def test_a_reply_that_comes_after_the_next_line_does_not_answer_it() -> None:
    """The person has gone on at `there`; the model of `here`, which did not hear of it, is slower than they are."""
    storage = Storage()
    (here, slow), (there, quick) = process(storage, "here"), process(storage, "there")
    old, new = Page(1), Page(2)
    live = await here.join("d", old, participant_id="p", after_seq=0)
    await live.say(old, "1", "one", pasted=False)
    live = await there.join("d", new, participant_id="p", after_seq=0)
    quick.gate("one").set()
    await eventually(lambda: storage.state.messages[-1].text == "there on one")
    await live.say(new, "2", "two", pasted=False)
    slow.gate("one").set()
    await eventually(lambda: len(here) == 0)
    quick.gate("two").set()
    await eventually(lambda: storage.state.messages[-1].role is Role.SEEKER)

    assert [m.text for m in storage.state.messages[1:]] == ["one", "there on one", "two", "there on two"]
    await there.stop()


async def test_a_process_that_wakes_gives_no_time_back_that_another_has_served() -> None:
    """Half a minute at `there`, of which `here` knows nothing: it is the participant's all the same."""
    storage, at, known = Storage(), [1_000], dict[str, int]()
    here, _ = process(storage, "here", now=at, signs=Signs("here", known=known))
    there, _ = process(storage, "there", now=at, signs=Signs("there", known=known))
    await here.show_life()
    page = Page(1)
    live = await here.join("d", page, participant_id="p", after_seq=0)
    await live.say(page, "1", "one", pasted=False)
    at[0] = 2_000
    await there.show_life()
    await there.join("d", Page(2), participant_id="p", after_seq=0)
    for at[0] in range(7_000, 32_000, 5_000):
        await there.show_life()
    used = used_ms(storage, now=at[0])
    await here.show_life()

    assert used_ms(storage, now=at[0]) == used > 20_000
    await here.stop()
    await there.stop()


async def test_feedback_is_shown_though_word_of_it_was_lost() -> None:
    """Who waits for the coach appends nothing, and so finds out by nothing but looking."""
    storage = Storage(rules=COACH)
    del storage.entries[1:]
    (here, _), (worker, _) = process(storage, "here"), process(storage, "worker")
    page = Page(1)
    await here.join("d", page, participant_id="p", after_seq=0)
    await worker.do("d", Reply("You asked one open question."))
    assert page.of("message") == []
    await here.look_for_feedback()

    assert [frame["text"] for frame in page.of("message")] == ["You asked one open question."]
    await here.stop()


async def test_who_comes_back_while_the_abandoned_are_closed_may_go_on() -> None:
    """The sweep has seen the last entry; another has come since, at this process."""
    storage = Storage(Join("old page", "here"))
    here, _ = process(storage, "here")
    seen = storage.state.seq
    await here.join("d", Page(1), participant_id="p", after_seq=0)
    await here.abandon("d", seen)

    assert storage.state.is_open
    await here.abandon("d", storage.state.seq)
    assert not storage.state.is_open


async def test_who_comes_back_at_another_process_is_not_closed_by_one_that_does_not_know() -> None:
    """What `here` knows of the dialogue is what the sweep has seen, and only the log says that more has come."""
    storage = Storage()
    (here, _), (there, _) = process(storage, "here"), process(storage, "there")
    await here.join("d", Page(1), participant_id="p", after_seq=0)
    seen = storage.state.seq
    await there.join("d", Page(2), participant_id="p", after_seq=0)
    await here.abandon("d", seen)

    assert storage.state.is_open
    await there.stop()
