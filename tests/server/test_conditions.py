"""Conditions: each brings its own steps, nobody is told their name, and the control group never meets the coach."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from tests.server.client import Client, clients, eventually
from tests.server.served import Served
from tests.server.walking import walk

CONDITIONS = {"control", "video", "ai_coach", "combined"}
BETWEEN = {"control": [], "video": ["video"], "ai_coach": ["coach"], "combined": ["video", "coach"]}
"""What lies between the two rounds of the small study `four`."""


def told(value: Any, key: str = "") -> Iterator[str]:
    """Everything that tells a condition: a key of that name, or a value that is one (a step may be a video)."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from [name] if name == "condition" else told(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner, key)
    elif value in CONDITIONS and (key, value) != ("kind", "video"):
        yield f"{key}: {value}"


async def test_each_condition_has_its_own_path(server: Served) -> None:
    """A block of four holds each condition once; each walks its own steps, and no answer or frame names it.

    LE-19: the control group goes from the self-assessment straight to the next conversation; steps of others do not
    exist for it, and no call to the coach is made for it.
    """
    async with clients(server.url, 4) as people:
        for person in people:
            await person.enter("four")
        paths = await asyncio.gather(*(walk(person) for person in people))
        by_condition = {condition_of(server, person): path for person, path in zip(people, paths, strict=True)}
        assert set(by_condition) == CONDITIONS
        for condition, path in by_condition.items():
            kinds = [me["step"]["kind"] for me in path]
            talk = ["conversation", "survey"]
            assert kinds == ["page", *talk, *BETWEEN[condition], *talk, "end"]
            assert not list(told(path))

        control = next(person for person in people if condition_of(server, person) == "control")
        coached = next(person for person in people if condition_of(server, person) == "ai_coach")
        await eventually(lambda: coach_calls(server, coached))
        assert coach_calls(server, control) == 0
        assert server.rows("SELECT count(*) FROM dialogue WHERE counterpart = 'coach'")[0][0] >= 2


async def test_steps_of_other_conditions_do_not_exist(server: Served) -> None:
    """The control group is refused the steps that others would be at, and stays where it is."""
    async with clients(server.url, 4) as people:
        for person in people:
            await person.consent("four")
        control = next(person for person in people if condition_of(server, person) == "control")
        await walk(control, until="felt_1")
        for step in ("lessons_1", "coach_1", "lessons_2", "coach_2"):
            assert (await control.take(step)).refusal == (409, "not_current_step")
        assert (await control.take("felt_1", {"empathized": 2})).step["id"] == "talk_2"


async def test_round_and_progress_are_told(server: Served) -> None:
    """`round` stands inside rounds only; `total` is unknown until the condition is drawn, and met at the end."""
    async with clients(server.url) as [person]:
        await person.enter("brief")
        before = (await person.me()).body
        path = await walk(person)

    assert before["progress"] == {"index": 1, "total": None}
    assert [me["step"].get("round") for me in path] == [None, 1, 1, 1, None]
    assert [me["progress"] for me in path[1:]] == [{"index": n, "total": 5} for n in (2, 3, 4, 5)]


async def test_condition_outlasts_every_return(server: Served) -> None:
    """Looking, entering and joining again change neither condition nor scenarios nor the place (LE-5)."""
    async with clients(server.url) as [person]:
        talk = await person.consent("four", external_id="comes back")
        query = "SELECT condition, scenario_order, position FROM participant WHERE id = :id"
        drawn = server.rows(query, id=person.id)

        for _ in range(5):
            assert (await person.enter("four", external_id="comes back")).body["resumed"] is True
            assert (await person.me()).step["content"] == talk["content"]
            async with person.page(talk["content"]["dialogue"]):
                pass

        assert server.rows(query, id=person.id) == drawn


def condition_of(server: Served, person: Client) -> str:
    condition: str = server.rows("SELECT condition FROM participant WHERE id = :id", id=person.id)[0][0]
    return condition


def coach_calls(server: Served, person: Client) -> int:
    """Calls to the coach's models for any dialogue of this participant."""
    query = """SELECT count(*) FROM call c JOIN dialogue d ON d.id = c.purpose
               WHERE c.role = 'coach' AND d.participant_id = :id"""
    return int(server.rows(query, id=person.id)[0][0])
