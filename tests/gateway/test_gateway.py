"""The `openai` provider against an OpenAI-compatible server that is not ours: the litellm gateway, through the door.

`tests/gateway/setup.sh` installs the gateway; without it these tests are skipped. It has no rate limit, no key database
and no model behind it: answers and errors are made up (`models.yaml`), but wire, headers and status are its own.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

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

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = ROOT / ".gateway" / "bin" / "litellm"
START_S = 90
"""It is up in about ten seconds; a loaded machine takes longer."""
FRIENDLY = "That sounds like a hard week. What was the worst of it?"

pytestmark = [
    pytest.mark.gateway,
    pytest.mark.skipif(not GATEWAY.exists(), reason="no gateway here: run tests/gateway/setup.sh"),
]


class Verdict(BaseModel):
    validating: int = Field(ge=1, le=5)
    quotes: list[str]


@dataclass(frozen=True)
class Gateway:
    base_url: str
    key: str


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of our own on a free port for the time of these tests."""
    key = f"sk-{secrets.token_hex(24)}"  # it refuses to start with a weak one
    port = _free_port()
    log = tmp_path_factory.mktemp("gateway") / "log"
    # without the second variable it tries to download a price list first
    environ = {**os.environ, "LITELLM_MASTER_KEY": key, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [str(GATEWAY), "--config", str(Path(__file__).with_name("models.yaml"))]
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own environment's program
            [*command, "--host", "127.0.0.1", "--port", str(port)], env=environ, stdout=out, stderr=out
        )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/health/liveliness", process=process, log=log)
        yield Gateway(base_url=f"http://127.0.0.1:{port}/v1", key=key)
    finally:
        process.terminate()
        process.wait(timeout=20)


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
    assert [(attempt.outcome, attempt.status) for attempt in door.ledger.attempts] == [(fault.kind, status)]


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


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_up(url: str, *, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urlopen(url, timeout=2):  # noqa: S310 - a loopback address of our own
                return
        except (URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the gateway did not start:\n{log.read_text(errors='replace')[-2000:]}")
