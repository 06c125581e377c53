"""The `openai` provider against an OpenAI-compatible server that is not ours: the litellm gateway, through the door.

It has no rate limit and no key database: answers and errors are made up (`models.yaml`), but wire, headers and status
are its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pydantic import BaseModel, Field, SecretStr

from llm.faults import BadRequest, Malformed, ModelFault, RateLimited, Refused, TimedOut, Unreachable
from llm.ledger import InMemoryLedger
from llm.limits import Limits
from llm.models import ModelChoice, Models
from llm.openai import OpenAIProvider
from llm.request import ModelRole, Prompt, PromptMessage, Request
from llm.retries import RetryPolicy
from tests.gateway.started import Gateway

FRIENDLY = "That sounds like a hard week. What was the worst of it?"

pytestmark = pytest.mark.gateway


class Verdict(BaseModel):
    validating: int = Field(ge=1, le=5)
    quotes: list[str]


@pytest_asyncio.fixture
async def door(gateway: Gateway) -> AsyncIterator[Door]:
    provider = OpenAIProvider(
        base_url=gateway.base_url, api_key=SecretStr(gateway.key), limits=Limits(first_token_s=10, total_s=10)
    )
    yield Door(provider)
    await provider.aclose()


class Door:
    """Opens the door to given models of the gateway, one attempt at each."""

    def __init__(self, provider: OpenAIProvider) -> None:
        self.provider = provider
        self.ledger = InMemoryLedger()

    def to(self, *models: str, provider: OpenAIProvider | None = None) -> Models:
        choices = tuple(ModelChoice(provider="openai", model=model, parameters={}) for model in models)
        return Models(
            providers={"openai": provider or self.provider},
            choices={ModelRole.SEEKER: choices},
            ledger=self.ledger,
            policy=RetryPolicy(attempts_per_model=1),
        )


def question() -> Request:
    prompt = Prompt(version="seeker/1", hash="0", messages=(PromptMessage("user", "How was your week?"),))
    return Request(role=ModelRole.SEEKER, subject=None, prompt=prompt, parameters={"max_tokens": 90, "seed": 1})


async def test_text_streams_in_pieces_with_usage(door: Door) -> None:
    """Many pieces make up the text, and the gateway's count of tokens comes with it."""
    stream = door.to("friendly").stream(question())

    pieces = [piece async for piece in stream]

    assert "".join(pieces) == FRIENDLY
    assert len(pieces) > 10
    assert stream.usage.served_model == "friendly"
    assert (stream.usage.completion_tokens or 0) > 0
    assert door.ledger.attempts[0].first_token_ms is not None


async def test_structured_answer_is_served_as_a_schema(door: Door) -> None:
    """The gateway passes the strictest rung on, and the answer fits the form."""
    answer = await door.to("judging").answer(question(), Verdict)

    assert answer.value == Verdict(validating=4, quotes=["a hard week"])
    assert answer.usage.served_as == "json_schema"


async def test_answer_off_the_form_is_malformed_on_every_rung(door: Door) -> None:
    """The gateway enforces nothing itself: prose comes through, is repaired in vain, and is a fault with its text."""
    with pytest.raises(Malformed) as raised:
        await door.to("rambling").answer(question(), Verdict)

    assert raised.value.raw == "I would rather not put a number on it."


FAULTS = [
    ("busy", RateLimited, 429),
    ("narrow", BadRequest, 400),
    ("unknown", BadRequest, 400),
    ("strict", Refused, 400),
    ("broken", Unreachable, 500),
    ("absent", Unreachable, 500),
    ("breaking", Unreachable, 529),
]


@pytest.mark.parametrize(("model", "fault", "status"), FAULTS)
async def test_fault_of_a_stream_is_told_apart(door: Door, model: str, fault: type[ModelFault], status: int) -> None:
    """Each error of the gateway raises its kind of fault, and is a row with its status."""
    with pytest.raises(ModelFault) as raised:
        await door.to(model).text(question())

    assert type(raised.value) is fault
    assert [(attempt.outcome, attempt.status) for attempt in door.ledger.attempts] == [(fault.kind, status)]


@pytest.mark.parametrize(("model", "fault", "status"), FAULTS)
async def test_fault_of_an_answer_is_told_apart(door: Door, model: str, fault: type[ModelFault], status: int) -> None:
    """The official client's errors are sorted exactly like those of the live stream."""
    with pytest.raises(ModelFault) as raised:
        await door.to(model).answer(question(), Verdict)

    assert type(raised.value) is fault
    assert {(attempt.outcome, attempt.status) for attempt in door.ledger.attempts} == {(fault.kind, status)}


async def test_slow_model_times_out_both_ways(door: Door, gateway: Gateway) -> None:
    """A gateway that thinks longer than the limit is not waited for."""
    hasty = OpenAIProvider(
        base_url=gateway.base_url, api_key=SecretStr(gateway.key), limits=Limits(first_token_s=0.5, total_s=0.5)
    )

    with pytest.raises(TimedOut):
        await door.to("slow", provider=hasty).text(question())
    with pytest.raises(TimedOut):
        await door.to("slow", provider=hasty).answer(question(), Verdict)
    await hasty.aclose()


async def test_wrong_key_is_a_fault_that_does_not_tell_it(door: Door, gateway: Gateway) -> None:
    """Without its database the gateway answers 400 to a wrong key; no try is repeated and no key is shown."""
    stranger = OpenAIProvider(base_url=gateway.base_url, api_key=SecretStr("sk-wrong-1234567890"))

    with pytest.raises(BadRequest) as raised:
        await door.to("friendly", provider=stranger).text(question())

    assert "1234567890" not in str(raised.value)
    await stranger.aclose()


async def test_next_model_answers_for_one_that_is_busy(door: Door) -> None:
    """The fallback works over the wire, and both attempts are rows."""
    models = door.to("busy", "broken", "friendly")

    reply = await models.text(question())

    assert (reply.text, reply.label.model) == (FRIENDLY, "openai:friendly")
    assert [attempt.outcome for attempt in door.ledger.attempts] == ["rate_limited", "unreachable", "ok"]
