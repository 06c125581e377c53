"""Single mishaps of a live dialogue, one by one: a join that fails, an answer lost, an outage, a tab elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from core.dialogue import Command, Dialogue, Join, Open, Reply, Say, decide, evolve, fold
from core.events import CloseReason, Entry, Joined, Opened
from core.transcript import Role
from llm.faults import AuthFailed
from server.live import Hub, dialogue, reply
from server.storage.log import LogConflict, LogUnavailable
from server.storage.tables import DialogueRow
from tests.server.client import eventually
from tests.server.signs import Signs
from tests.server.test_live import Page

ROW = DialogueRow(id="d", participant_id="p", step_id="conversation_1", counterpart="seeker", scenario="loss")
SEEKER = Opened(counterpart=Role.SEEKER, limit_ms=240_000, idle_ms=60_000)
COACH = Opened(counterpart=Role.COACH)
CRASHED = (Join("old page", "dead process"), Say("a", "hello"))
"""A line was said one second in, and its process has died since."""


class Storage:
    """A log in memory that is away, or loses its answer, when the test says so."""

    def __init__(self, *commands: Command, rules: Opened = SEEKER) -> None:
        self.entries: list[Entry] = []
        self.is_away = self.loses_answer = False
        self.refused = 0
        state = Dialogue()
        for number, command in enumerate((Open(rules), Reply("My dad died."), *commands)):
            for entry in decide(state, command, 0 if number < 2 else 1_000):
                state = evolve(state, entry)
                self.entries.append(entry)

    @property
    def state(self) -> Dialogue:
        return fold(self.entries)

    @property
    def kinds(self) -> list[str]:
        return [entry.event.kind for entry in self.entries]

    async def read(self, _dialogue_id: str) -> list[Entry]:
        await asyncio.sleep(0)
        return list(self.entries)

    async def append(self, _dialogue_id: str, entries: tuple[Entry, ...]) -> None:
        await asyncio.sleep(0)
        if self.is_away:
            self.refused += 1
            raise LogUnavailable("away")
        if entries[0].seq != len(self.entries) + 1:
            raise LogConflict
        self.entries += entries
        if self.loses_answer:
            self.loses_answer = False
            raise LogUnavailable("stored, but the answer was lost")


class Silent:
    """A counterpart who thinks for as long as a test may take."""

    async def reply(self, *_: object) -> Thinking:
        return Thinking()


class Thinking:
    async def __aiter__(self) -> AsyncIterator[str]:
        await asyncio.sleep(600)
        yield ""


class Failing:
    """A counterpart whose reply fails with `fault`, after `before` was done."""

    def __init__(self, fault: Exception, *, before: Callable[[], None] = lambda: None) -> None:
        self._fault = fault
        self._before = before

    async def reply(self, *_: object) -> Thinking:
        self._before()
        raise self._fault


def hub(
    storage: Storage,
    *,
    now: int | list[int] = 5_000,
    process: str = "here",
    counterparts: Silent | Failing | None = None,
    is_dead: Callable[[str], Awaitable[bool]] | None = None,
    alerts: list[DialogueRow] | None = None,
    signs: Signs | None = None,
) -> Hub:
    """A process that serves the dialogue in `storage`, in which it is always `now`; a list holds the present."""
    present = now if isinstance(now, list) else [now]

    async def find(_dialogue_id: str) -> DialogueRow:
        return ROW

    async def closed(_row: DialogueRow) -> None:
        return None

    return Hub(
        log=storage,  # type: ignore[arg-type]
        signs=signs or Signs(process),  # type: ignore[arg-type]
        find=find,
        counterparts=counterparts or Silent(),  # type: ignore[arg-type]
        now=lambda: present[0],
        time_scale=1,
        on_closed=closed,
        on_alert=(alerts if alerts is not None else []).append,
        process=process,
        is_dead=is_dead,
    )


def used_ms(storage: Storage, *, now: int) -> int:
    clock = storage.state.clock
    assert clock is not None
    return clock.used(now)


def notices(page: Page) -> list[str]:
    return [frame["code"] for frame in page.of("notice")]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "TRY_AGAIN_S", 0.005)
    monkeypatch.setattr(reply, "PAUSE_S", 0.005)


async def test_time_lost_in_a_crash_is_given_back_though_nobody_could_say_at_first_who_lives() -> None:
    """When the question whether the process died fails, the join fails; the next one asks again."""
    storage = Storage(*CRASHED)
    failures = [OSError("away")]

    async def is_dead(_process: str) -> bool:
        if failures:
            raise failures.pop()
        return True

    here = hub(storage, now=31_000, is_dead=is_dead)
    with pytest.raises(OSError, match="away"):
        await here.join("d", Page(1), participant_id="p", after_seq=0)
    assert len(here) == 0
    await here.join("d", Page(2), participant_id="p", after_seq=0)

    assert used_ms(storage, now=31_000) == 0
    await here.stop()


async def test_time_lost_in_a_crash_is_given_back_to_two_who_join_at_once() -> None:
    """Whichever of two sockets comes first, thirty seconds in which nobody served the dialogue are not charged."""
    storage = Storage(*CRASHED)

    async def is_dead(_process: str) -> bool:
        await asyncio.sleep(0.005)
        return True

    here = hub(storage, now=31_000, is_dead=is_dead)
    pages = (Page(1), Page(2))
    await asyncio.gather(*(here.join("d", page, participant_id="p", after_seq=0) for page in pages))

    assert used_ms(storage, now=31_000) == 0
    assert len(here) == 1
    await here.stop()


async def test_a_join_that_cannot_be_stored_leaves_nothing_behind() -> None:
    """A dialogue that nobody could join while the storage was away is not kept."""
    storage = Storage()
    here = hub(storage)
    storage.is_away = True
    with pytest.raises(LogUnavailable):
        await here.join("d", Page(1), participant_id="p", after_seq=0)

    assert len(here) == 0


async def reply_given_up_during_an_outage() -> tuple[Storage, Hub, Page]:
    """A participant waits for a reply that will not come, which nobody can store while the storage is away."""
    storage = Storage()

    def go_away() -> None:
        storage.is_away = True

    here = hub(storage, counterparts=Failing(ZeroDivisionError(), before=go_away))
    page = Page(1)
    live = await here.join("d", page, participant_id="p", after_seq=0)
    await live.say(page, "x", "Hello?", pasted=False)
    await eventually(lambda: storage.refused > 2)
    return storage, here, page


async def test_a_reply_given_up_during_an_outage_ends_the_conversation_after_it() -> None:
    """Nobody waits for ever for a reply that will not come, also when that could not be stored at first."""
    storage, _, page = await reply_given_up_during_an_outage()
    storage.is_away = False
    await eventually(lambda: page.of("closed"))

    assert storage.state.closed is CloseReason.FAILED


async def test_a_reply_given_up_here_ends_nothing_for_who_has_gone_elsewhere() -> None:
    """Once the participant is served by another process, a failure of this one no longer concerns them."""
    storage, here, page = await reply_given_up_during_an_outage()
    storage.entries.append(Entry(storage.state.seq + 1, 5_000, Joined("newer page", "elsewhere")))
    storage.is_away = False
    await eventually(lambda: len(here) == 0)

    assert storage.kinds[-1] == "joined"
    assert page.code == 4409


async def test_help_lines_are_offered_though_the_answer_of_the_storage_was_lost() -> None:
    """What was stored and not confirmed is told as soon as it is found: the line's place, the help lines, the desk."""
    storage, alerts = Storage(), list[DialogueRow]()
    here = hub(storage, alerts=alerts)
    page = Page(1)
    live = await here.join("d", page, participant_id="p", after_seq=0)
    storage.loses_answer = True
    await live.say(page, "x", "I want to kill myself.", pasted=False)
    assert [frame["code"] for frame in page.of("error")] == ["storage_unavailable"]
    await live.say(page, "x", "I want to kill myself.", pasted=False)

    assert storage.kinds.count("said") == 2
    assert {frame["client_id"]: frame["seq"] for frame in page.of("ack")} == storage.state.seq_of
    assert notices(page) == ["support_resources"]
    assert alerts == [ROW]
    assert page.of("clock")[-1]["paused_by"] == ["support"]
    await here.stop()


async def test_help_lines_are_offered_again_to_who_comes_back() -> None:
    """A page that joins while they are what the clock waits for shows them, whatever the one before it has shown."""
    storage = Storage()
    here = hub(storage)
    first, second = Page(1), Page(2)
    live = await here.join("d", first, participant_id="p", after_seq=0)
    await live.say(first, "x", "I want to kill myself.", pasted=False)
    await live.leave(first)
    await here.join("d", second, participant_id="p", after_seq=0)

    assert notices(second) == ["support_resources"]
    await here.stop()


@pytest.mark.parametrize("deed", ["say", "hide"])
async def test_a_tab_that_another_process_has_taken_over_from_does_nothing(deed: str) -> None:
    """What the older tab does before word of the newer one has come is neither stored nor acknowledged."""
    storage = Storage()

    async def is_dead(_process: str) -> bool:
        return False

    here, elsewhere = hub(storage, is_dead=is_dead), hub(storage, process="elsewhere", is_dead=is_dead)
    older, newer = Page(1), Page(2)
    live = await here.join("d", older, participant_id="p", after_seq=0)
    await elsewhere.join("d", newer, participant_id="p", after_seq=0)
    stored = storage.kinds
    if deed == "say":
        await live.say(older, "x", "From the older tab.", pasted=False)
    else:
        await live.show(older, visible=False)

    assert storage.kinds == stored
    assert older.code == 4409
    assert [frame["type"] for frame in older.frames] == ["state"]
    assert len(here) == 0
    await elsewhere.stop()


@pytest.mark.parametrize(
    ("rules", "told"),
    [(SEEKER, ["reply_delayed"]), (COACH, ["coach_delayed", "coach_unavailable"])],
    ids=["seeker", "coach"],
)
async def test_a_reply_that_fails_again_and_again_is_announced_once(rules: Opened, told: list[str]) -> None:
    """The page hears once that it has to wait, of a clock only where there is one, and then how it ended."""
    storage = Storage(rules=rules)
    here = hub(storage, counterparts=Failing(AuthFailed("no key")))
    page = Page(1)
    live = await here.join("d", page, participant_id="p", after_seq=0)
    await live.say(page, "x", "Hello?", pasted=False)
    await eventually(lambda: page.of("closed") or "coach_unavailable" in notices(page))

    assert notices(page) == told
    await here.stop()
