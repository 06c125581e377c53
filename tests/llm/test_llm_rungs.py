"""An answer that takes several forms to get: each call passes the gate and is a row of the ledger."""

from __future__ import annotations

import asyncio

import pytest
from asking import Door, Verdict, question
from fake_openai import FakeOpenAI, completes, status

from llm.gate import Budget, Pace
from llm.openai import OpenAIProvider
from llm.retries import RetryPolicy


@pytest.mark.parametrize(("last", "outcome"), [("Fine.", "malformed"), ('{"validating": 4}', "ok")])
async def test_each_rung_is_a_call_of_its_own(
    server: FakeOpenAI, openai: OpenAIProvider, last: str, outcome: str
) -> None:
    """Three forms and a repair, at a dollar each: the ledger holds what the endpoint has counted, failed or not."""
    door = Door(openai, policy=RetryPolicy(attempts_per_model=1))
    server.plays(*[completes(said, usage={"cost": 1.0}) for said in ["Fine.", "Fine.", "Fine.", last]])

    await asyncio.gather(door.models.answer(question(), Verdict), return_exceptions=True)

    rows = door.ledger.attempts
    assert door.outcomes == ["malformed", "malformed", "malformed", outcome]
    assert [row.usage.served_as for row in rows] == ["json_schema", "json_object", "prompt", "prompt, repaired"]
    assert ([row.cost.usd for row in rows], [row.number for row in rows]) == ([1.0] * 4, [1] * 4)
    assert len(server.bodies) == 4


async def test_pace_counts_every_rung(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """What a server does not take is asked for in another form only when the next call may go."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    _, gate = Budget(pace=Pace(4.0, now=lambda: 100.0, sleep=sleep)).of_model()
    server.plays(status(400), status(400), completes('{"validating": 4}'))

    await Door(openai, gate=gate).models.answer(question(), Verdict)

    assert waits == [pytest.approx(0.25), pytest.approx(0.5)]
