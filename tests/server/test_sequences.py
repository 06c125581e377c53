"""Sequences of trials: each is given to one person at a time, and again only when that person has left."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.server.browsing import browser, send_form
from tests.server.client import Answer, Client, clients
from tests.server.served import Served
from tests.server.small_studies import STUDIES

AWAY_S = 1.3
"""Longer than the minute, at scale 60, after which `impatient` passes a sequence on."""


def given(server: Served, slug: str) -> list[tuple[str, int, bool]]:
    """Who was given which number, and whether it is still theirs."""
    query = """SELECT participant_id, number, taken_back_at IS NULL FROM given_sequence
        JOIN participant ON participant.id = participant_id WHERE slug = :slug ORDER BY given_at"""
    return [(person, number, bool(is_held)) for person, number, is_held in server.rows(query, slug=slug)]


async def consent(person: Client, slug: str) -> Answer:
    await person.enter(slug)
    return await person.take("consent", {"consent": True})


async def test_sixty_joins_at_once_get_each_of_fifty_sequences_once(either_server: Served) -> None:
    """Fifty are given fifty different sequences; ten are told that the study is full, and may ask again later."""
    async with clients(either_server.url, 60) as people:
        answers = await asyncio.gather(*(consent(person, "fifty") for person in people))

        turned_away = [answer for answer in answers if answer.status != 200]
        assert [answer.refusal for answer in turned_away] == [(409, "full")] * 10
        assert sorted(number for _, number, _ in given(either_server, "fifty")) == list(range(1, 51))
        late = next(person for person, answer in zip(people, answers, strict=True) if answer.status != 200)
        assert (await late.me()).step["id"] == "consent"


async def test_a_sequence_is_what_its_row_says(either_server: Served) -> None:
    """The two conversations of each trial are shown on the sides that were drawn, and neither tells its id."""
    async with clients(either_server.url) as [person]:
        await consent(person, "preferences")
        query = "SELECT trials FROM given_sequence WHERE participant_id = :id"
        trials = json.loads(either_server.rows(query, id=person.id)[0][0])
        stimuli = {line["id"]: line["messages"] for line in stimuli_of("preferences")}
        assert len(trials) == 10
        for number, (left, right) in enumerate(trials, start=1):
            step = (await person.me()).step
            assert (step["id"], step["kind"]) == (f"pair_{number}", "comparison")
            assert [step["content"][side] for side in ("left", "right")] == [stimuli[left], stimuli[right]]
            assert left not in json.dumps(step) and right not in json.dumps(step)
            await person.take(step["id"], {"choice": "right"})
        assert (await person.me()).step["content"]["completion_code"] == "PREFERENCES"


async def test_what_is_no_choice_is_refused_and_the_pair_stays(server: Served) -> None:
    """Neither a missing nor an unknown choice moves anybody on; of equal calls at once one choice is stored."""
    async with clients(server.url) as [person]:
        await consent(person, "preferences")
        for answers in ({}, {"choice": "both"}, {"choice": None}, {"choice": ["left"]}, {"choice": "left", "why": "x"}):
            assert (await person.take("pair_1", answers)).refusal == (422, "invalid_answer")
        taken = await asyncio.gather(*(person.take("pair_1", {"choice": side}) for side in ("left", "right") * 5))
        assert sorted(answer.status for answer in taken) == [200] + [409] * 9
        query = "SELECT COUNT(*) FROM response WHERE participant_id = :id AND step_id = 'pair_1'"
        assert server.rows(query, id=person.id)[0][0] == 1


async def test_the_page_says_that_the_study_is_full(server: Served) -> None:
    """Who agrees when every place is taken stays on the page of the consent, and reads why."""
    async with clients(server.url) as [holder], browser() as http:
        await consent(holder, "full")
        late = Client(http, server.url)
        await late.call("GET", "/s/full")
        answer = await send_form(late, "/s/full/steps/consent", consent="true")
        assert answer.status == 409 and "Every place in this study is taken" in answer.body
        assert (
            server.rows(
                "SELECT COUNT(*) FROM response JOIN participant ON slug = 'full' AND participant.id = participant_id"
            )[0][0]
            == 1
        )


async def test_the_sequence_of_who_withdraws_is_given_again(server: Served) -> None:
    """The only place is taken until its holder withdraws, also after the end: what they chose is erased."""
    async with clients(server.url, 4) as [first, second, third, fourth]:
        await consent(first, "one_place")
        assert (await consent(second, "one_place")).refusal == (409, "full")
        await first.withdraw()
        assert (await second.take("consent", {"consent": True})).step["id"] == "pair_1"
        for step in ("pair_1", "pair_2"):
            await second.take(step, {"choice": "left"})
        assert (await consent(third, "one_place")).refusal == (409, "full")
        await second.withdraw()
        assert (await consent(fourth, "one_place")).step["id"] == "pair_1"
        assert [held for *_, held in given(server, "one_place")] == [False, False, True]


async def test_the_sequence_of_who_stays_away_is_passed_on(either_server: Served) -> None:
    """Who comes back too late is told so, and can choose no more; who has finished in time keeps theirs for good."""
    async with clients(either_server.url, 3) as [late, next_, third]:
        await consent(late, "impatient")
        await late.take("pair_1", {"choice": "left"})
        await asyncio.sleep(AWAY_S)
        assert (await consent(next_, "impatient")).step["id"] == "pair_1"

        told = (await late.me()).step
        assert (told["id"], told["kind"]) == ("passed_on", "end")
        assert "completion_code" not in told["content"]
        assert (await late.take("pair_2", {"choice": "left"})).refusal == (409, "not_current_step")

        for step in ("pair_1", "pair_2"):
            await next_.take(step, {"choice": "right"})
        await asyncio.sleep(AWAY_S)
        assert (await consent(third, "impatient")).refusal == (409, "full")


def stimuli_of(slug: str) -> list[dict[str, Any]]:
    """The lines of a shipped study's transcript file."""
    text = (STUDIES / slug / "stimuli" / "conversations.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
