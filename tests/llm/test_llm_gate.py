"""Before money is spent: the forecast, the cap that nothing passes, and the pace of calls."""

from __future__ import annotations

import asyncio

import pytest
from asking import Door, Verdict, choice, question

from llm.faults import NotAsked, RateLimited, TimedOut
from llm.forecast import forecast
from llm.gate import Budget, Pace, UnderWay
from llm.models import Models
from llm.prices import Price, PriceList
from llm.request import ModelRole
from llm.scripted import ScriptedModel

A_DOLLAR_EACH = Price(input=0.0, output=1_000_000 / 100, cached_input=None, as_of="2026-11-20", source="a test")
PRICES = PriceList({"scripted:first": A_DOLLAR_EACH})


def test_a_forecast_counts_characters_and_names_the_day_of_its_price() -> None:
    """10 calls of 400 characters and 400 answered: 1,000 tokens each way, $100 per thousand answered."""
    expected = forecast("scripted:first", PRICES, calls=10, asked_chars=400, answered_chars=400)

    assert (expected.prompt_tokens, expected.completion_tokens) == (1_000, 1_000)
    assert expected.usd == pytest.approx(10.0)
    assert "about $10.00 by prices of 2026-11-20" in str(expected)


def test_an_unknown_price_is_said_and_is_not_zero() -> None:
    expected = forecast("openai:homemade", PRICES, calls=10, asked_chars=400, answered_chars=400)

    assert expected.usd is None
    assert expected.call_usd is None
    assert "cost unknown" in str(expected)


async def test_no_call_is_begun_that_would_pass_the_cap() -> None:
    """At a dollar each, five at once under a cap of three: three are asked, two are told that they were not."""
    script = ScriptedModel(*[Verdict(validating=n) for n in (1, 2, 3, 4, 5)])
    spending, gate = (budget := Budget(cap_usd=3.0)).of_model()
    spending.call_usd = 1.0
    door = Models(
        providers={"scripted": script},
        choices={ModelRole.SEEKER: (choice("first", "scripted"),)},
        ledger=spending,
        gate=gate,
    )

    answers = await asyncio.gather(*(door.answer(question(), Verdict) for _ in range(5)), return_exceptions=True)

    assert [type(answer) for answer in answers[3:]] == [NotAsked, NotAsked]
    assert len(script.asked) == 3
    assert budget.committed_usd == pytest.approx(3.0)


async def test_calls_that_cost_less_than_expected_leave_room_for_others() -> None:
    """A dollar is set aside for each and half of it is spent, six at once under a cap of three: the sixth would begin
    with 2.50 spent, and is told so only when nothing under way can make room for it."""
    budget = Budget(cap_usd=3.0)
    spending, gate = budget.of_model()
    spending.call_usd = 1.0

    async def call() -> None:
        async with gate.attempt():
            await asyncio.sleep(0)
            spending.add(0.5)

    ended = await asyncio.gather(*(call() for _ in range(6)), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ended) == ["NoneType"] * 5 + ["NotAsked"]
    assert budget.committed_usd == pytest.approx(2.5)


async def test_a_call_whose_end_fails_keeps_nobody_waiting() -> None:
    """What it has cost could not be stored: who comes next is told that there is no room, and not left standing."""
    under_way = UnderWay()

    async def is_room(answer: bool) -> bool:
        return answer

    with pytest.raises(OSError, match="storage"):
        async with under_way.one_more(lambda: is_room(True), cap_usd=1.0):
            raise OSError("the storage is away")

    with pytest.raises(NotAsked, match=r"cap of \$1\.00 is reached"):
        async with asyncio.timeout(10), under_way.one_more(lambda: is_room(False), cap_usd=1.0):
            pass


async def test_what_nobody_was_billed_for_does_not_count() -> None:
    """A call that was turned away is free; one that timed out may have been billed, and counts as expected."""
    script = ScriptedModel(RateLimited("later"), TimedOut("nothing came"), Verdict(validating=1))
    spending, gate = Budget(cap_usd=10.0).of_model()
    spending.call_usd = 1.0
    door = Door(script, choice("first", "scripted"), gate=gate)
    await door.models.answer(question(), Verdict)

    assert [spending.cost(attempt) for attempt in door.ledger.attempts] == [0.0, 1.0, 1.0]


async def test_calls_are_spaced_evenly() -> None:
    """At 4 a second the third goes half a second after the first, whenever they were asked for."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    pace = Pace(4.0, now=lambda: 100.0, sleep=sleep)
    for _ in range(3):
        await pace.turn()

    assert waits == [pytest.approx(0.25), pytest.approx(0.5)]
