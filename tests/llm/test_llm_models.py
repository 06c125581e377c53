"""The door: asks again, asks the next model, writes every attempt down, and knows how each role fares."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest
from asking import KEY, NOON, Door, Verdict, choice, openai_at, question
from fake_openai import FakeOpenAI, chunk, completes, event, says, status, streams

from llm.faults import AuthFailed, BadRequest, CutOff, Empty, Malformed, RateLimited, Refused, Unreachable
from llm.models import TextStream
from llm.prices import Certainty, shipped_prices
from llm.provider import Parameters
from llm.reply import Usage
from llm.request import ModelRole, Request
from llm.retries import RetryPolicy
from llm.scripted import ScriptedModel

PAIR = (choice("first", "scripted"), choice("second", "scripted"))


async def test_passing_fault_is_asked_again() -> None:
    """A retryable fault costs a wait that doubles, and then brings the answer of the same model."""
    door = Door(ScriptedModel(Unreachable("down"), Empty("nothing"), "Hello."), *PAIR)

    reply = await door.models.text(question())

    assert (reply.text, reply.label.model) == ("Hello.", "scripted:first")
    assert door.waits == [0.5, 1.0]
    assert door.outcomes == ["unreachable", "empty", "ok"]
    assert [attempt.number for attempt in door.ledger.attempts] == [1, 2, 3]


async def test_fault_that_will_not_pass_goes_to_the_next_model() -> None:
    """A refusal is not argued with: the next model of the role is asked, at once, and the label says so."""
    door = Door(ScriptedModel(Refused("no"), "Hello."), *PAIR)
    stream = door.models.stream(question())

    pieces = [piece async for piece in stream]

    assert pieces == ["Hello."]
    assert stream.label.model == "scripted:second"
    assert door.waits == [0.0]
    assert [attempt.model for attempt in door.ledger.attempts] == ["scripted:first", "scripted:second"]


async def test_patience_with_one_model_ends_at_the_next() -> None:
    """Three attempts at the first model, then the second one's turn."""
    door = Door(ScriptedModel(*[Unreachable("down")] * 3, '{"validating": 2}'), *PAIR)

    answer = await door.models.answer(question(), Verdict)

    assert (answer.value.validating, answer.label.model) == (2, "scripted:second")
    assert door.outcomes == ["unreachable"] * 3 + ["ok"]


async def test_last_fault_is_raised_when_nothing_helps() -> None:
    """With every model at its end the last fault is raised, and the number of attempts is bounded."""
    faults = [Unreachable(f"down {number}") for number in range(1, 20)]
    models = tuple(choice(name, "scripted") for name in ("first", "second", "third"))
    door = Door(ScriptedModel(*faults), *models)

    with pytest.raises(Unreachable, match="down 6"):
        await door.models.answer(question(), Verdict)

    assert len(door.ledger.attempts) == RetryPolicy().attempts_in_all == 6


async def test_retry_after_is_honoured() -> None:
    """The server's own figure is waited for, with a little more so that not all come back at once."""
    door = Door(ScriptedModel(RateLimited("slow down", retry_after_s=7.0), "Hello."))

    await door.models.text(question())

    assert door.waits == [7.5]


async def test_long_retry_after_is_not_sat_out() -> None:
    """Nobody is kept waiting for minutes: the next model is asked; without one the fault tells how long."""
    alone = Door(ScriptedModel(RateLimited("slow down", retry_after_s=300.0)))
    paired = Door(ScriptedModel(RateLimited("slow down", retry_after_s=300.0), "Hello."), *PAIR)

    with pytest.raises(RateLimited) as raised:
        await alone.models.text(question())

    assert raised.value.retry_after_s == 300.0
    assert (await paired.models.text(question())).label.model == "scripted:second"
    assert (alone.waits, paired.waits) == ([], [0.0])


class BreaksOff:
    """A provider that gives a piece before it fails, the first time it is asked."""

    name = "scripted"

    def __init__(self) -> None:
        self.calls = 0

    async def stream(self, request: Request, *, model: str, parameters: Parameters) -> AsyncIterator[str | Usage]:
        self.calls += 1
        yield "I was "
        if self.calls == 1:
            raise CutOff("ended early")
        yield "sad."


class FirstBreaksOff(BreaksOff):
    """A server whose model `first` breaks off every time."""

    async def stream(self, request: Request, *, model: str, parameters: Parameters) -> AsyncIterator[str | Usage]:
        self.calls = 0 if model == "first" else 1
        async for piece in super().stream(request, model=model, parameters=parameters):
            yield piece


async def test_stream_is_not_begun_again_once_a_piece_was_given_out() -> None:
    """What was shown cannot be taken back by the door: the fault goes to the caller, who may."""
    provider = BreaksOff()
    door = Door(provider)  # type: ignore[arg-type]
    heard = []

    with pytest.raises(CutOff):
        async for piece in door.models.stream(question()):
            heard.append(piece)

    assert (heard, provider.calls, door.waits) == (["I was "], 1, [])
    assert (door.outcomes, door.ledger.attempts[0].raw) == (["cut_off"], "I was ")


async def test_who_breaks_off_twice_is_followed_by_the_next_model() -> None:
    """Whoever begins the same reply anew gets the same model once more, then the next; a whole reply wipes it out."""
    one, other = question(), replace(question(), purpose="another dialogue")
    door = Door(FirstBreaksOff(), *PAIR)  # type: ignore[arg-type]

    for _ in range(2):
        with pytest.raises(CutOff):
            await read(door.models.stream(one))
    with pytest.raises(CutOff):
        await read(door.models.stream(other))
    assert await read(door.models.stream(one)) == "I was sad."

    said = ["first", "first", "first", "second"]
    assert [attempt.model for attempt in door.ledger.attempts] == [f"scripted:{name}" for name in said]
    with pytest.raises(CutOff):
        await read(door.models.stream(one))


async def read(stream: TextStream) -> str:
    return "".join([piece async for piece in stream])


async def test_whole_text_is_begun_again() -> None:
    """Nobody has seen the half of a text that was asked for as a whole."""
    door = Door(BreaksOff())  # type: ignore[arg-type]

    assert (await door.models.text(question())).text == "I was sad."
    assert door.outcomes == ["cut_off", "ok"]


async def test_leaving_a_stream_is_written_down() -> None:
    """A reader who goes away in mid-answer leaves a row that says so, with what was said by then."""
    door = Door(ScriptedModel(["One ", "two ", "three"]))
    stream = door.models.stream(question())

    async for _ in stream:
        await stream.aclose()
        break

    assert door.outcomes == ["cancelled"]
    assert door.ledger.attempts[0].raw == "One "


async def test_cancelled_call_is_written_down() -> None:
    """So does a caller that is cancelled."""
    door = Door(ScriptedModel("Hello.", pause_s=60))
    task = asyncio.create_task(door.models.text(question()))
    await asyncio.sleep(0.01)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert door.outcomes == ["cancelled"]


async def test_attempt_tells_everything_but_secrets(server: FakeOpenAI) -> None:
    """A row holds who was asked what and how, what it used, cost and said, and nowhere the key."""
    openai = openai_at(server.base_url)
    door = Door(openai, choice("gpt-4o", temperature=0.5), prices=shipped_prices())
    server.plays(status(500, f"trouble with {KEY}"), says("My week ", "was awful."))

    await door.models.text(question(max_tokens=90, temperature=1.0))

    failed, done = door.ledger.attempts
    assert (done.role, done.model, done.purpose) == (ModelRole.SEEKER, "openai:gpt-4o", "dialogue-7")
    assert (done.prompt_version, done.prompt_hash) == ("seeker/1", "0123456789ab")
    assert done.parameters == {"max_tokens": 90, "temperature": 0.5}
    assert done.usage == Usage(11, 3, cached_tokens=4, served_model="served-1")
    assert done.cost.usd == pytest.approx((7 * 2.5 + 4 * 1.25 + 3 * 10) / 1e6)
    assert (done.cost.certainty, done.cost.price) == (Certainty.LISTED, shipped_prices().price("openai:gpt-4o"))
    assert (done.started_at, done.outcome, done.error) == (NOON, "ok", "")
    assert done.first_token_ms is not None
    assert done.total_ms >= done.first_token_ms >= 0
    assert (done.raw, done.prompt) == ("My week was awful.", question().prompt)
    assert (failed.outcome, failed.status, failed.first_token_ms) == ("unreachable", 500, None)
    assert failed.cost.certainty is Certainty.UNKNOWN
    assert KEY not in repr(door.ledger.attempts) + failed.raw
    await openai.aclose()


async def test_failed_answer_keeps_what_was_said_and_used(server: FakeOpenAI) -> None:
    """An answer off the form is a row with its raw text and its tokens: it was paid for."""
    openai = openai_at(server.base_url)
    door = Door(openai, policy=RetryPolicy(attempts_per_model=1))
    server.plays(completes('{"validating": 4}'), completes('{"validating": 9}'))

    await door.models.answer(question(), Verdict)
    with pytest.raises(Malformed):
        await door.models.answer(question(), Verdict)

    attempt = door.ledger.attempts[-1]
    assert (attempt.outcome, attempt.raw) == ("malformed", '{"validating": 9}')
    assert (attempt.usage.completion_tokens, attempt.usage.served_as) == (3, "json_schema")
    await openai.aclose()


async def test_fallback_between_two_models_of_one_server(server: FakeOpenAI) -> None:
    """Over the wire: a model that is not there gives way to the next, whose own decoding is sent."""
    openai = openai_at(server.base_url)
    door = Door(openai, choice("gone"), choice("small", temperature=0.2))
    server.plays(status(404, "no such model"), says("Hello."))

    reply = await door.models.text(question())

    assert reply.label.model == "openai:small"
    assert [(body["model"], body.get("temperature")) for body in server.bodies] == [("gone", None), ("small", 0.2)]
    await openai.aclose()


async def test_stream_that_stalls_before_a_word_is_begun_again(server: FakeOpenAI) -> None:
    """A stream that ends before any word was given out is asked for again, unseen."""
    openai = openai_at(server.base_url)
    door = Door(openai)
    server.plays(streams(3.0), streams(event(chunk("", role="assistant"))), says("Hello."))

    pieces = [piece async for piece in door.models.stream(question())]

    assert pieces == ["Hello."]
    assert door.outcomes == ["timed_out", "empty", "ok"]
    await openai.aclose()


async def test_health_is_what_the_last_attempt_showed() -> None:
    """Unknown at first; failing from the first fault in a row on; well again with the next answer."""
    model = ScriptedModel(AuthFailed("wrong key"), BadRequest("no such model"), "Hello.")
    door = Door(model)
    states = [door.models.health()[ModelRole.SEEKER]]

    for _ in range(3):
        with suppress(AuthFailed, BadRequest):
            await door.models.text(question())
        states.append(door.models.health()[ModelRole.SEEKER])

    assert [(state.is_ok, state.kind, state.failures) for state in states] == [
        (None, None, 0),
        (False, "auth_failed", 1),
        (False, "bad_request", 2),
        (True, None, 0),
    ]
    assert [state.failing_since for state in states] == [None, NOON, NOON, None]
    assert len(model.asked) == 3, "nothing is asked only to find out"


async def test_no_more_run_at_once_than_allowed() -> None:
    """With a limit of two, five requests of a role run two at a time."""
    running, most = 0, 0

    class Counting:
        name = "scripted"

        async def stream(self, request: Request, *, model: str, parameters: Parameters) -> AsyncIterator[str]:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            yield "Hello."
            running -= 1

    door = Door(Counting(), at_once={ModelRole.SEEKER: 2})  # type: ignore[arg-type]

    await asyncio.gather(*(door.models.text(question()) for _ in range(5)))

    assert most == 2
    assert door.outcomes == ["ok"] * 5
