"""Live streaming: pieces as they come, and each way to fail told apart, against a real server on this machine."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import replace

import pytest
from asking import KEY, QUICK, openai_at, question
from fake_openai import (
    FakeOpenAI,
    Scene,
    chunk,
    completes,
    event,
    says,
    sends,
    status,
    streams,
    usage_chunk,
)

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
from llm.openai import OpenAIProvider
from llm.reply import Usage

DONE = b"data: [DONE]\n\n"
STOP = event(chunk(finish="stop"))


async def heard(openai: OpenAIProvider, **parameters: float | int | str) -> list[str | Usage]:
    return [piece async for piece in openai.stream(question(), model="first", parameters=parameters)]


async def test_pieces_come_in_order_with_usage_last(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """The text arrives piece by piece; the count of tokens follows it."""
    server.plays(says("My week", " was awful", "."))

    pieces = await heard(openai)

    assert pieces == ["My week", " was awful", ".", Usage(11, 3, cached_tokens=4, served_model="served-1")]


async def test_request_carries_prompt_decoding_and_key(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """The server is sent the prompt's messages, every decoding parameter, and the key in its header alone."""
    server.plays(says("Hm."))

    await heard(openai, temperature=0.7, max_tokens=200, top_p=0.9, seed=4)

    assert server.bodies == [
        {
            "model": "first",
            "messages": [
                {"role": "system", "content": "You lost your job."},
                {"role": "user", "content": "How was your week?"},
            ],
            "temperature": 0.7,
            "max_tokens": 200,
            "top_p": 0.9,
            "seed": 4,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


async def test_first_piece_is_given_out_before_the_next_exists(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """Nothing is held back: a piece is there while the server still thinks about the next one."""
    server.plays(streams(event(chunk("One")), 0.15, event(chunk("Two")), STOP, DONE))
    began, times = time.monotonic(), []
    async for piece in openai.stream(question(), model="first", parameters={}):
        times.append((piece, time.monotonic() - began))

    assert times[1][1] - times[0][1] >= 0.1


async def test_white_space_before_the_first_word_waits_for_it(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """Blank pieces alone are no beginning of an answer, but none of the text is lost."""
    server.plays(says("\n", " ", "Well", " ", "no", usage=False))

    assert await heard(openai) == ["\n Well", " ", "no"]


async def test_server_that_does_not_stream_is_understood(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """One whole completion in place of a stream is one piece."""
    server.plays(completes("All at once."))

    assert (await heard(openai))[0] == "All at once."


async def test_several_events_in_one_packet_are_several_pieces(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """What arrives together is told apart again, and an event over two packets is put together."""
    torn = event(chunk("c"))
    server.plays(streams(event(chunk("a")) + event(chunk("b")) + torn[:30], 0.02, torn[30:] + STOP + DONE))

    assert await heard(openai) == ["a", "b", "c"]


async def test_connection_is_used_again(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """The second reply pays for no new connection."""
    server.plays(says("One."), says("Two."), says("Three."))

    for _ in range(3):
        await heard(openai)

    assert len(server.connections) == 1


@pytest.mark.parametrize(
    ("scene", "fault"),
    [
        pytest.param(streams(3.0), TimedOut, id="no first word"),
        pytest.param(sends(b"{}", after_s=3.0), TimedOut, id="no headers"),
        pytest.param(streams(*[b": wait\n\n", 0.05] * 60), TimedOut, id="keep-alives only"),
        pytest.param(streams(event(chunk("I")), 3.0, DONE), TimedOut, id="stall"),
        pytest.param(streams(event(chunk("I was"))), CutOff, id="early end"),
        pytest.param(streams(event(chunk("I was")), breaks=True), CutOff, id="connection broken"),
        pytest.param(streams(breaks=True), Unreachable, id="connection broken at once"),
        pytest.param(says("I was", finish="length"), CutOff, id="token limit"),
        pytest.param(says(), Empty, id="nothing"),
        pytest.param(says(" ", "\n"), Empty, id="blank"),
        pytest.param(streams(), Empty, id="not even an event"),
        pytest.param(says(finish="content_filter"), Refused, id="filtered"),
        pytest.param(says("I", finish="content_filter"), Refused, id="filtered in mid-answer"),
        pytest.param(streams(event(chunk(refusal="No.")), STOP, DONE), Refused, id="refused"),
        pytest.param(streams(b"data: {oh\n\n"), Malformed, id="not JSON"),
        pytest.param(streams(b"data: [1]\n\n"), Malformed, id="JSON of another shape"),
        pytest.param(streams(event({"choices": [{"delta": {"content": 7}}]})), Malformed, id="no text"),
        pytest.param(streams(event({"error": {"code": 429}})), RateLimited, id="error event"),
        pytest.param(status(429), RateLimited, id="429"),
        pytest.param(status(401), AuthFailed, id="401"),
        pytest.param(status(403), AuthFailed, id="403"),
        pytest.param(status(400), BadRequest, id="400"),
        pytest.param(status(404), BadRequest, id="404"),
        pytest.param(status(422), BadRequest, id="422"),
        pytest.param(status(400, code="content_filter"), Refused, id="400 of a filter"),
        pytest.param(status(500), Unreachable, id="500"),
        pytest.param(status(302, headers={"Location": "http://127.0.0.1:9/"}), BadRequest, id="redirect"),
    ],
)
async def test_fault_is_told_apart(
    server: FakeOpenAI, openai: OpenAIProvider, scene: Scene, fault: type[ModelFault]
) -> None:
    """Each way to fail raises its own fault, within the limits, and without the key in its words."""
    server.plays(scene)
    began = time.monotonic()

    with pytest.raises(ModelFault) as raised:
        await heard(openai)

    assert type(raised.value) is fault
    assert KEY not in str(raised.value)
    assert time.monotonic() - began < QUICK.total_s


async def test_rate_limit_says_how_long_to_wait(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """The server's Retry-After comes with the fault."""
    server.plays(status(429, "slow down", headers={"Retry-After": "3"}))

    with pytest.raises(RateLimited) as raised:
        await heard(openai)

    assert raised.value.retry_after_s == 3.0


async def test_nobody_there_is_unreachable() -> None:
    """A port on which nothing listens is no connection."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        openai = openai_at(f"http://127.0.0.1:{free.getsockname()[1]}/v1")
        with pytest.raises(Unreachable):
            await heard(openai)
    await openai.aclose()


async def test_endless_answer_ends_at_the_total_limit(server: FakeOpenAI) -> None:
    """A model that never stops talking is stopped."""
    openai = openai_at(server.base_url, limits=replace(QUICK, total_s=0.5))
    server.plays(streams(*[event(chunk("and ")), 0.02] * 100))

    with pytest.raises(TimedOut, match="longer than"):
        await heard(openai)
    await openai.aclose()


async def test_time_that_the_reader_takes_is_not_the_models(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """A reader who is slow between two pieces causes no time-out."""
    server.plays(streams(event(chunk("a")), 0.01, event(chunk("b")), STOP, DONE))
    pieces = []

    async for piece in openai.stream(question(), model="first", parameters={}):
        pieces.append(piece)
        await asyncio.sleep(QUICK.stall_s * 1.5)

    assert pieces == ["a", "b"]


async def test_other_name_of_the_token_limit_is_learnt_once(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """A model that wants `max_completion_tokens` is asked so again, and at once the next time."""
    refusal = status(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    server.plays(refusal, says("One."), says("Two."))

    await heard(openai, max_tokens=50)
    await heard(openai, max_tokens=60)

    limits = [(body.get("max_tokens"), body.get("max_completion_tokens")) for body in server.bodies]
    assert limits == [(50, None), (None, 50), (None, 60)]


async def test_server_without_usage_in_streams_is_not_asked_for_it_again(
    server: FakeOpenAI, openai: OpenAIProvider
) -> None:
    """A refused `stream_options` is left out from then on."""
    server.plays(status(400, "unknown field stream_options"), says("One.", usage=False), says("Two.", usage=False))

    await heard(openai)
    await heard(openai)

    assert ["stream_options" in body for body in server.bodies] == [True, False, False]


async def test_refused_decoding_is_never_dropped(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """A temperature that a model does not take is an error to correct, not a setting to forget."""
    server.plays(status(400, "Unsupported value: 'temperature' does not support 0.7 with this model."))

    with pytest.raises(BadRequest, match="temperature"):
        await heard(openai, temperature=0.7)

    assert len(server.bodies) == 1


async def test_reported_cost_is_kept(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """A gateway that says what the call cost is believed."""
    server.plays(streams(event(chunk("a")), STOP, event(usage_chunk(cost=0.0125)), DONE))

    _, usage = await heard(openai)

    assert isinstance(usage, Usage)
    assert usage.cost_usd == 0.0125


async def test_leaving_early_closes_the_connection(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """A reader who goes away lets the server notice: it need not finish the answer."""
    server.plays(streams(*[event(chunk("and ")), 0.01] * 300), says("Next."))
    stream = openai.stream(question(), model="first", parameters={})

    async for _ in stream:
        await stream.aclose()  # type: ignore[attr-defined]
        break
    await heard(openai)

    assert len(server.connections) == 2
