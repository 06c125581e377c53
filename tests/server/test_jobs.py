"""Jobs: whatever is asked for twice, or runs twice, is made once; what a crash kept from being queued is found."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import OperationalError

from core.dialogue import Close, Join, Reply, Say
from core.events import CloseReason
from server import engine, jobs
from server.participants import Entry
from server.steps.coach import CoachKind
from server.storage.tables import FeedbackRow, ParticipantRow, ScoreRow
from server.work import Work, count_unscored
from server.world import World
from tests.server.client import eventually
from tests.server.served import rows

SCORES = "SELECT dimension, score, failure FROM score"
FEEDBACK = "SELECT text, failure FROM feedback"
SAID_BY_COACH = "SELECT seq FROM event WHERE dialogue_id = :id AND kind = 'said'"


async def test_jobs_that_run_twice_are_made_once(world: World) -> None:
    """Feedback and score of a conversation, asked for and done again and again: six scores, one feedback."""
    talk, coach = await finished_conversation(world)
    address = world.settings.database_url
    await eventually(lambda: len(rows(address, SCORES)) == 6 and len(rows(address, FEEDBACK)) == 1)
    before = rows(address, SCORES), rows(address, FEEDBACK)

    work = Work(world)
    await asyncio.gather(*(work.score(talk) for _ in range(5)), *(work.give_feedback(coach) for _ in range(5)))
    for _ in range(3):
        await world.jobs.score(talk)
        await world.jobs.give_feedback(coach)

    assert (rows(address, SCORES), rows(address, FEEDBACK)) == before
    assert [m.role for m in (await world.dialogues.state(coach)).messages] == ["coach"]


async def test_who_comes_second_says_what_the_first_has_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first may have died between keeping the feedback and saying it, while the second was still asking."""
    monkeypatch.setattr(jobs, "_of_this_process", DiesBeforeSaying(world))
    _, coach = await finished_conversation(world)
    await eventually(lambda: len(rows(world.settings.database_url, FEEDBACK)) == 1)
    assert (await world.dialogues.state(coach)).messages == ()
    [(kept, _)] = rows(world.settings.database_url, FEEDBACK)

    second = Work(world)
    monkeypatch.setattr(world, "feedback_of", unseen_at_first(world))
    await second.give_feedback(coach)

    assert [m.text for m in (await world.dialogues.state(coach)).messages] == [kept]


def unseen_at_first(world: World) -> Callable[[str], Awaitable[FeedbackRow | None]]:
    """What asks for feedback: at the first time there is none yet."""
    found = world.feedback_of
    asked: list[str] = []

    async def feedback_of(dialogue_id: str) -> FeedbackRow | None:
        asked.append(dialogue_id)
        return await found(dialogue_id) if len(asked) > 1 else None

    return feedback_of


class DiesBeforeSaying(Work):
    """Jobs of a process that ends once the feedback is kept."""

    async def give_feedback(self, dialogue_id: str) -> None:
        row = await self._world.dialogues.row(dialogue_id)
        await self._keep(row, [await self._ask_coach(row)])


async def test_feedback_is_said_once(world: World) -> None:
    """Who does the job a second time, after a question has been put, does not say it as the answer."""
    _, coach = await finished_conversation(world)
    await eventually(lambda: rows(world.settings.database_url, SAID_BY_COACH, id=coach))
    for command in (Join("page"), Say(client_id="q", text="What could I have said instead?")):
        await world.hub.do(coach, command)

    await Work(world).give_feedback(coach)

    assert [m.role for m in (await world.dialogues.state(coach)).messages] == ["coach", "supporter"]


async def test_feedback_that_was_kept_and_never_said_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job has ended, and its row is there, but who waits has been told nothing: it is done again."""
    coach = await at_a_silent_coach(world, monkeypatch)
    assert len(rows(world.settings.database_url, FEEDBACK)) == 1
    assert await Work(world).without_feedback() == [coach]

    monkeypatch.setattr(jobs, "_of_this_process", Work(world))
    await world.jobs._give_missing_feedback()
    await eventually(lambda: rows(world.settings.database_url, SAID_BY_COACH, id=coach))
    assert await Work(world).without_feedback() == []


async def test_a_job_whose_end_was_not_written_is_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the job has failed, but its row says that it runs, and in the name of this process."""
    coach = await at_a_silent_coach(world, monkeypatch)
    with closing(sqlite3.connect(engine_of(world).removeprefix("sqlite:///"), isolation_level=None)) as engine_file:
        engine_file.execute("UPDATE workflow_status SET status = 'PENDING', completed_at = NULL")
        engine_file.execute("DELETE FROM operation_outputs")

    monkeypatch.setattr(jobs, "_of_this_process", Work(world))
    await world.jobs._give_missing_feedback()

    await eventually(lambda: rows(world.settings.database_url, SAID_BY_COACH, id=coach))


def engine_of(world: World) -> str:
    """The address of the engine's own file."""
    return world.settings.database_url.replace("study.db", "study-jobs.db")


async def at_a_silent_coach(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A dialogue with the coach in which nothing was said, though the feedback was kept and its job has ended."""
    monkeypatch.setattr(jobs, "_of_this_process", DiesBeforeSaying(world))
    _, coach = await finished_conversation(world)
    await eventually(lambda: has_ended(world, coach))
    return coach


def has_ended(world: World, coach: str) -> bool:
    status = "SELECT status FROM workflow_status WHERE workflow_uuid = :job"
    return rows(engine_of(world), status, job=f"feedback-{coach}") == [("SUCCESS",)]


async def test_who_waits_at_the_coach_is_told_that_nothing_will_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialogue is closed, so that the open page shows the way on; the participant goes on without a question."""
    coach = await at_a_silent_coach(world, monkeypatch)
    async with world.database.writing() as session:
        await session.exec(delete(FeedbackRow))

    await Work(world).give_up_feedback(coach)

    assert rows(world.settings.database_url, FEEDBACK) == [(None, "job_failed")]
    assert (await world.dialogues.state(coach)).closed is CloseReason.FAILED
    async with world.database.reading() as session:
        person = await session.get_one(ParticipantRow, (await world.dialogues.row(coach)).participant_id)
    assert (await engine.take(world, person, "coach_1", {})).position == person.position + 1


async def test_feedback_that_came_after_all_is_not_given_up(world: World) -> None:
    """A sweep that found it missing comes late: the coach has spoken, and can still be asked."""
    _, coach = await finished_conversation(world)
    await eventually(lambda: rows(world.settings.database_url, SAID_BY_COACH, id=coach))

    await Work(world).give_up_feedback(coach)

    assert (await world.dialogues.state(coach)).is_open


async def test_a_coach_who_was_given_up_is_closed_though_the_server_died(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That nothing will come was noted; that the dialogue is over was not."""
    coach = await at_a_silent_coach(world, monkeypatch)
    async with world.database.writing() as session:
        await session.exec(update(FeedbackRow).values(text=None, failure="job_failed"))
    assert await Work(world).without_feedback() == [coach]

    await Work(world).give_feedback(coach)

    assert (await world.dialogues.state(coach)).closed is CloseReason.FAILED


async def test_jobs_outlast_a_storage_that_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that could not be stored is tried again: nobody waits at the coach for feedback that never comes."""
    monkeypatch.setattr(jobs, "_of_this_process", AwayForAMoment(world, failures=1))

    await finished_conversation(world)

    address = world.settings.database_url
    await eventually(lambda: len(rows(address, SCORES)) == 6 and len(rows(address, FEEDBACK)) == 1)


class AwayForAMoment(Work):
    """Jobs whose storage fails a few times before it is back."""

    def __init__(self, world: World, *, failures: int) -> None:
        super().__init__(world)
        self._left = {"feedback": failures, "score": failures}

    async def give_feedback(self, dialogue_id: str) -> None:
        self._fail("feedback")
        await super().give_feedback(dialogue_id)

    async def score(self, conversation_id: str) -> None:
        self._fail("score")
        await super().score(conversation_id)

    def _fail(self, job: str) -> None:
        self._left[job] -= 1
        if self._left[job] >= 0:
            raise OperationalError("INSERT", None, Exception("the disk is full"))


async def test_unscored_conversations_are_found(world: World) -> None:
    """A closed conversation without a score is known as such until it has one: a crash cannot hide it."""
    talk, _ = await finished_conversation(world)
    await eventually(lambda: rows(world.settings.database_url, SCORES))
    assert await count_unscored(world.database) == 0
    async with world.database.writing() as session:
        await session.exec(delete(ScoreRow))

    assert await Work(world).unscored() == [talk]
    await Work(world).score(talk)
    assert await count_unscored(world.database) == 0


async def test_the_judge_of_this_server_rates_what_another_has_rated_before(world: World) -> None:
    """`score` with another model may be there first: its scores stand in for nobody's."""
    talk, _ = await finished_conversation(world)
    await eventually(lambda: rows(world.settings.database_url, SCORES))
    async with world.database.writing() as session:
        await session.exec(update(ScoreRow).values(model="openai:another"))

    await Work(world).score(talk)

    models = Counter(model for (model,) in rows(world.settings.database_url, "SELECT model FROM score"))
    assert models == {"openai:another": 6, world.judge_model: 6}


async def test_a_coach_who_was_left_is_closed_though_the_server_died(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step is taken, and the server dies before it closes the dialogue; nobody else's is closed."""
    left, person = await at_the_coach(world)
    other, _ = await at_the_coach(world)
    with monkeypatch.context() as dying:
        dying.setattr(CoachKind, "leave", no_longer)
        await engine.take(world, person, "coach_1", {})
    assert (await world.dialogues.state(left)).is_open

    await Work(world).close_left()

    assert (await world.dialogues.state(left)).closed is CloseReason.FINISHED
    assert (await world.dialogues.state(other)).is_open


async def no_longer(*_: object) -> None:
    return None


async def at_the_coach(world: World) -> tuple[str, ParticipantRow]:
    """A dialogue with the coach in which a question has been answered, and whose it is."""
    _, coach = await finished_conversation(world)
    await eventually(lambda: rows(world.settings.database_url, SAID_BY_COACH, id=coach))
    for command in (Join("page"), Say(client_id="q", text="What could I have said instead?"), Reply("Ask more.", {})):
        await world.hub.do(coach, command)
    async with world.database.reading() as session:
        person = await session.get_one(ParticipantRow, (await world.dialogues.row(coach)).participant_id)
    return coach, person


async def finished_conversation(world: World) -> tuple[str, str]:
    """A conversation that has ended, and the coach's dialogue about it."""
    entered = await world.participants.enter(world.studies.current("unhurried"), Entry())
    person = await world.participants.holder(entered.token)
    person = await engine.take(world, person, "consent", {"consent": True})
    talk = (await engine.show(world, person))["step"]["content"]["dialogue"]
    for command in (Join("page"), Say(client_id="one", text="That must be hard."), Close(CloseReason.FINISHED)):
        await world.hub.do(talk, command)
    person = await engine.take(world, person, "talk_1", {})
    person = await engine.take(world, person, "felt_1", {"empathized": 3})
    return talk, (await engine.show(world, person))["step"]["content"]["dialogue"]
