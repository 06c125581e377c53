"""Order: whatever is out of order, repeated or foreign is refused by name, and changes nothing."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.server.client import Answer, Client, clients
from tests.server.served import Served

OF_PARTICIPANT = {
    "participant": "SELECT * FROM participant WHERE id = :id",
    "allocation": "SELECT * FROM allocation WHERE participant_id = :id",
    "visit": "SELECT * FROM visit WHERE participant_id = :id",
    "response": "SELECT * FROM response WHERE participant_id = :id",
    "activity": "SELECT * FROM activity WHERE participant_id = :id",
    "dialogue": "SELECT * FROM dialogue WHERE participant_id = :id",
    "event": "SELECT e.* FROM event e JOIN dialogue d ON d.id = e.dialogue_id WHERE d.participant_id = :id",
}


def stored(server: Served, participant_id: str) -> dict[str, list[Any]]:
    """Everything the database holds about one participant."""
    return {table: server.rows(query, id=participant_id) for table, query in OF_PARTICIPANT.items()}


async def refusals(person: Client, step: str) -> list[tuple[str, Answer]]:
    """Steps that `person` is not at, one call for each."""
    wrong = ["consent", "instructions", "conversation_1", "talk_1", "coach_1", "end", "no-such-step", "%00", "x" * 3000]
    return [(other, await person.take(other, {"consent": True})) for other in wrong if other != step]


async def test_only_the_current_step_is_taken(server: Served) -> None:
    """Earlier, later and unknown steps answer `not_current_step`, before and after consent, and nothing is stored."""
    async with clients(server.url) as [person]:
        await person.enter("lend_an_ear")
        for step in ("consent", "instructions"):
            assert (await person.me()).step["id"] == step
            before = stored(server, person.id)

            answers = await refusals(person, step)

            assert {answer.refusal for _, answer in answers} == {(409, "not_current_step")}
            assert stored(server, person.id) == before
            await person.take(step, {"consent": True} if step == "consent" else {})


async def test_equal_calls_at_once_take_a_step_once(either_server: Served) -> None:
    """Of twenty equal posts at once one goes through; the others are refused, and no answer stands twice."""
    async with clients(either_server.url) as [person]:
        await person.enter("lend_an_ear")
        for step, answers in (("consent", {"consent": True}), ("instructions", {})):
            taken = await asyncio.gather(*(person.take(step, answers) for _ in range(20)), person.me())

            codes = sorted(answer.status for answer in taken[:-1])
            assert codes == [200] + [409] * 19
            assert taken[-1].status == 200

    found = stored(either_server, person.id)
    assert len(found["allocation"]) == 1
    assert len(found["response"]) == 1, "the consent"


async def test_gates_name_what_is_missing(server: Served) -> None:
    """An open conversation, an unasked coach and an unwatched video are `not_ready`, each with what is missing."""
    async with clients(server.url, 2) as [talker, watcher]:
        talk = await talker.consent("brief")
        lessons = await watcher.consent("watching")
        assert (await gate(talker, "talk_1"), await gate(watcher, "lessons")) == ("conversation", "video")

        async with talker.page(talk["content"]["dialogue"]) as page:
            await page.say("What happened?")
            assert await gate(talker, "talk_1") == "conversation"
            await page.until("closed")
        await talker.take("talk_1")
        await talker.take("felt_1", {"empathized": 3})
        assert await gate(talker, "coach_1") == "question"
        assert lessons["content"]["videos"][0]["seconds"] == 31


async def gate(person: Client, step: str) -> Any:
    before = (await person.me()).body
    refused = await person.take(step)
    assert refused.refusal == (409, "not_ready")
    assert (await person.me()).body["step"]["id"] == before["step"]["id"]
    return refused.error["missing"]


async def test_coach_wants_a_real_question(server: Served) -> None:
    """Thanks and greetings do not open the coach's gate; a question does, and taking the step closes the dialogue."""
    async with clients(server.url) as [person]:
        talk = await person.consent("brief")
        async with person.page(talk["content"]["dialogue"]) as page:
            await page.say("That sounds hard.")
            await page.until("closed")
        await person.take("talk_1")
        coach = (await person.take("felt_1", {"empathized": "4"})).step
        async with person.page(coach["content"]["dialogue"]) as page:
            if not page.state["messages"]:
                await page.until("message", role="coach")
            await page.say("ok thanks")
            await page.until("message", role="coach")
            assert await gate(person, "coach_1") == "question"
            await page.say("How could I have asked more about how she felt?")
            await page.until("message", role="coach")

            assert (await person.take("coach_1")).step["kind"] == "end"
            assert (await page.until("closed"))["reason"] == "finished"


async def test_video_counts_when_its_time_has_passed(server: Served) -> None:
    """Neither an end without play, nor one claimed at once, nor one for another video or step opens the gate."""
    async with clients(server.url) as [person]:
        await person.consent("watching")
        film = {"video": "lesson", "position_s": 31}
        await person.note("video_ended", step="lessons", payload=film)
        assert await gate(person, "lessons") == "video"
        played = time.monotonic()
        await person.note("video_play", step="lessons", payload=film)
        await person.note("video_ended", step="lessons", payload=film)
        assert await gate(person, "lessons") == "video"
        await asyncio.sleep(0.6)
        await person.note("video_ended", step="lessons", payload={"video": "another"})
        await person.note("video_ended", step="another", payload=film)
        assert await gate(person, "lessons") == "video"

        await person.note("video_ended", step="lessons", payload=film)
        assert time.monotonic() - played > 0.5
        assert (await person.take("lessons")).step["kind"] == "end"


async def test_after_the_end_nothing_is_taken(server: Served) -> None:
    """The end takes no answers, and `complete` it stays."""
    async with clients(server.url) as [person]:
        await person.consent("watching")
        film = {"video": "lesson"}
        await person.note("video_play", step="lessons", payload=film)
        await asyncio.sleep(0.6)
        await person.note("video_ended", step="lessons", payload=film)
        done = await person.take("lessons")
        assert (done.body["status"], done.step["content"]["completion_code"]) == ("complete", "DONE")
        assert done.body["progress"]["index"] == done.body["progress"]["total"]
        before = stored(server, person.id)

        for step in ("end", "lessons", "consent"):
            assert (await person.take(step, {"consent": True})).refusal == (409, "not_current_step")

        assert stored(server, person.id) == before
        assert (await person.me()).body == done.body


async def test_dialogue_keeps_its_name(server: Served) -> None:
    """A step's dialogue is there from the first look on, and is the same at every later one."""
    async with clients(server.url) as [person]:
        first = await person.consent("unhurried")
        seen = {(await person.me()).step["content"]["dialogue"] for _ in range(5)}
        assert seen == {first["content"]["dialogue"]}


async def test_the_way_out_of_practice_leads_out_of_no_study(server: Served) -> None:
    """A study's conversation lasts as long as the study says."""
    async with clients(server.url) as [person]:
        await person.consent("unhurried")
        assert (await person.call("POST", "/s/practice/end")).status == 404
        assert (await person.me()).step["kind"] == "conversation"


@pytest.mark.parametrize("slug", ["no-such-study", "practice", "..", "%00"])
async def test_only_offered_studies_are_entered(server: Served, slug: str) -> None:
    """Unknown studies are 404; practice has no entrance through the API."""
    async with clients(server.url) as [person]:
        assert (await person.enter(slug)).status == 404
