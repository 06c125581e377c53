"""Answers that fit a schema: three rungs, one choice per endpoint, and each way to fail told apart."""

from __future__ import annotations

import socket

import pytest
from asking import KEY, Verdict, call, openai_at, question
from fake_openai import FakeOpenAI, Scene, completes, refuses_formats, sends, status
from pydantic import BaseModel

from llm.faults import (
    AuthFailed,
    BadRequest,
    CutOff,
    Empty,
    Malformed,
    ModelFault,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
)
from llm.limits import Limits
from llm.openai import OpenAIProvider
from llm.reply import Usage
from llm.structured import json_part

GOOD = '{"validating": 4, "quotes": ["that sounds hard"]}'
FITS = Verdict(validating=4, quotes=["that sounds hard"])


async def judged(
    openai: OpenAIProvider, schema: type[BaseModel] = Verdict, **parameters: float | int | str
) -> tuple[BaseModel, str, Usage]:
    return await openai.answer(question(), schema, model="first", parameters=parameters, call=call)


def formats(server: FakeOpenAI) -> list[str]:
    return [body.get("response_format", {}).get("type", "prompt") for body in server.bodies]


async def test_schema_is_sent_in_the_strict_form(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """The first rung asks for exactly the fields of the form, all of them required."""
    server.plays(completes(GOOD))

    value, raw, usage = await judged(openai, temperature=0.0, seed=1)

    sent = server.bodies[0]["response_format"]["json_schema"]
    assert (value, raw) == (FITS, GOOD)
    assert usage == Usage(11, 3, cached_tokens=4, served_model="served-1", served_as="json_schema")
    assert (sent["name"], sent["strict"]) == ("Verdict", True)
    assert sent["schema"]["required"] == ["validating", "quotes"]
    assert sent["schema"]["additionalProperties"] is False
    assert (server.bodies[0]["temperature"], server.bodies[0]["seed"]) == (0.0, 1)
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("code", [400, 422, 501])
async def test_rejected_schema_leads_to_the_second_rung_for_good(
    server: FakeOpenAI, openai: OpenAIProvider, code: int
) -> None:
    """A server that takes no schema is asked for a JSON object with the schema beside it, from then on at once."""
    server.plays(*refuses_formats("json_schema", code=code, then=[GOOD, GOOD]))

    first = await judged(openai)
    await judged(openai)

    assert formats(server) == ["json_schema", "json_object", "json_object"]
    assert first[2].served_as == "json_object"
    assert server.bodies[1]["response_format"]["schema"]["required"] == ["validating", "quotes"]
    assert '"validating"' in server.bodies[1]["messages"][0]["content"]


async def test_500_on_a_schema_is_a_step_and_settles_when_it_comes_twice(
    server: FakeOpenAI, openai: OpenAIProvider
) -> None:
    """llama.cpp answers a schema with 500: no outage. Once it might be chance; the second time it is remembered."""
    server.plays(*refuses_formats("json_schema", code=500, then=[GOOD] * 3))

    for _ in range(3):
        await judged(openai)

    assert formats(server) == ["json_schema", "json_object", "json_schema", "json_object", "json_object"]


async def test_last_rung_only_prompts(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """An endpoint that takes no format at all is told the schema in words, in its one system message."""
    server.plays(*refuses_formats("json_schema", "json_object", code=400, then=[f"Sure!\n```json\n{GOOD}\n```"]))

    value, _, usage = await judged(openai)

    messages = server.bodies[-1]["messages"]
    assert value == FITS
    assert usage.served_as == "prompt"
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[0]["content"].startswith("You lost your job.")


async def test_last_rung_repairs_once(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """What does not fit is shown to the model with the reason, once."""
    server.plays(*refuses_formats("json_schema", "json_object", code=400, then=['{"validating": 9}', GOOD]))

    value, _, usage = await judged(openai)

    *_, said, plea = server.bodies[-1]["messages"]
    assert value == FITS
    assert said == {"role": "assistant", "content": '{"validating": 9}'}
    assert "validating: Input should be less than or equal to 5" in plea["content"]
    assert usage.served_as == "prompt, repaired"


async def test_answer_that_cannot_be_repaired_is_malformed(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """After the repair the fault stands, with what the model said and without it in the sentence."""
    server.plays(*refuses_formats("json_schema", "json_object", code=400, then=[GOOD, "I felt", "so sad"]))
    await judged(openai)

    with pytest.raises(Malformed) as raised:
        await judged(openai)

    assert raised.value.raw == "so sad"
    assert "so sad" not in str(raised.value)
    assert raised.value.usage is not None


async def test_endpoint_that_ignores_schemas_moves_down_after_two_bad_answers(
    server: FakeOpenAI, openai: OpenAIProvider
) -> None:
    """Prose in answer to a schema is not trusted to chance twice."""
    server.plays(completes("Fine."), completes(GOOD), completes("Fine."), completes(GOOD), completes(GOOD))

    for _ in range(3):
        await judged(openai)

    assert formats(server) == ["json_schema", "json_object", "json_schema", "json_object", "json_object"]


async def test_endpoint_that_served_a_schema_once_stays_there(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """A later bad answer is a fault of that answer, not of the endpoint, and so is a 500."""
    server.plays(completes(GOOD), completes('{"validating": 9}'), status(500), completes(GOOD))
    await judged(openai)

    with pytest.raises(Malformed):
        await judged(openai)
    with pytest.raises(Unreachable):
        await judged(openai)
    await judged(openai)

    assert formats(server) == ["json_schema"] * 4


async def test_rungs_are_chosen_per_schema(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """One schema that a server rejects does not cost the others their enforcement."""

    class Other(BaseModel):
        quotes: list[str]

    server.plays(status(400, "too deep"), completes(GOOD), completes('{"quotes": []}'))

    await judged(openai)
    await judged(openai, Other)

    assert formats(server) == ["json_schema", "json_object", "json_schema"]


async def test_server_that_fails_on_every_rung_is_unreachable(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """An outage is told as what the strictest rung met, and nothing is remembered from it."""
    server.plays(status(500, "down"), status(500, "still down"), status(500, "down too"), completes(GOOD))

    with pytest.raises(Unreachable, match=r"500: down$"):
        await judged(openai)
    await judged(openai)

    assert formats(server)[-1] == "json_schema"


@pytest.mark.parametrize(
    ("scene", "fault"),
    [
        pytest.param(sends(b"{}", after_s=2.0), TimedOut, id="slow"),
        pytest.param(completes('{"vali', finish="length"), CutOff, id="token limit"),
        pytest.param(completes(""), Empty, id="nothing"),
        pytest.param(completes(None), Empty, id="null"),
        pytest.param(completes(None, refusal="I will not."), Refused, id="refused"),
        pytest.param(completes("", finish="content_filter"), Refused, id="filtered"),
        pytest.param(status(429), RateLimited, id="429"),
        pytest.param(status(401, f"no such key: {KEY}"), AuthFailed, id="401"),
        pytest.param(status(404), BadRequest, id="404"),
        pytest.param(status(400, code="content_filter"), Refused, id="400 of a filter"),
        pytest.param(status(503), Unreachable, id="503"),
    ],
)
async def test_fault_is_told_apart(server: FakeOpenAI, scene: Scene, fault: type[ModelFault]) -> None:
    """Each way to fail raises its own fault at once: no rung is tried that could not help."""
    openai = openai_at(server.base_url, limits=Limits(total_s=0.5))
    server.plays(scene)

    with pytest.raises(ModelFault) as raised:
        await judged(openai)

    assert type(raised.value) is fault
    assert KEY not in str(raised.value)
    assert len(server.bodies) == 1
    await openai.aclose()


@pytest.mark.parametrize("body", [b"{oh", b"[]", b'{"choices": [{"delta": null}]}', b'{"choices": "none"}'])
async def test_body_that_is_no_completion_is_malformed(server: FakeOpenAI, openai: OpenAIProvider, body: bytes) -> None:
    """A server that answers 200 with something else has answered nothing that can be read."""
    server.plays(*[sends(body)] * 3)

    with pytest.raises(Malformed):
        await judged(openai)


async def test_rate_limit_says_how_long_to_wait(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """Retry-After comes with the fault, and the client below does not retry on its own."""
    server.plays(status(429, "slow down", headers={"Retry-After": "0.2"}), completes(GOOD))

    with pytest.raises(RateLimited) as raised:
        await judged(openai)

    assert raised.value.retry_after_s == 0.2
    assert len(server.bodies) == 1


async def test_nobody_there_is_unreachable() -> None:
    """A port on which nothing listens is no connection."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        openai = openai_at(f"http://127.0.0.1:{free.getsockname()[1]}/v1")
        with pytest.raises(Unreachable):
            await judged(openai)
    await openai.aclose()


async def test_address_without_a_key_is_sent_none(server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither path sends an Authorization header then, not even one from the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-elsewhere")
    openai = OpenAIProvider(base_url=server.base_url)
    server.plays(completes(GOOD), completes("Hello."))

    await judged(openai)
    _ = [piece async for piece in openai.stream(question(), model="first", parameters={})]

    assert [headers.get("Authorization") for headers in server.headers] == [None, None]
    await openai.aclose()


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ('Here you are:\n```json\n{"a": {"b": 1}}\n```\nAnything else?', '{"a": {"b": 1}}'),
        ('<think>{"a": 0}?</think>{"a": 1}', '{"a": 1}'),
        ("no object", "no object"),
    ],
)
def test_json_is_found_among_other_words(raw: str, part: str) -> None:
    """Fences, remarks and thoughts around the object are passed over."""
    assert json_part(raw) == part
