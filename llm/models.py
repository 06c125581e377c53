"""The one door to every model: finds the model of a role, asks it, asks again or the next, and keeps the ledger."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from llm.attempt import Recorder, Running
from llm.embeddings import NO_PROMPT, Embedded, Embedder
from llm.faults import BadRequest, ModelFault
from llm.gate import Gate
from llm.health import RoleHealth, Watchbook
from llm.interruptions import Interruptions
from llm.ledger import Ledger, NoLedger
from llm.prices import PriceList, shipped_prices
from llm.provider import Parameters, Provider
from llm.reply import Answer, Label, T, TextReply, Usage
from llm.request import ModelRole, Request
from llm.retries import RetryPolicy, Tries

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model to ask: `provider:model`, with the decoding that settings prescribe for it."""

    provider: str
    model: str
    parameters: Parameters
    without: frozenset[str] = frozenset()
    """Decoding of the caller that this model is not sent: settings say `null` for what it does not take."""

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"

    def decoding(self, request: Request) -> Parameters:
        """What `request` asks for, overridden by settings."""
        asked = {name: value for name, value in request.parameters.items() if name not in self.without}
        return {**asked, **self.parameters}


class TextStream:
    """A text on its way: iterate over its pieces; `label` and `usage` are there once it has ended.

    `label` names the model that answers: before the first piece a fault may still change it to the next model.
    """

    label: Label
    usage: Usage

    def __init__(self, read: Callable[[TextStream], AsyncIterator[str]], label: Label) -> None:
        """`read` gives the pieces, and writes `label` and `usage` of the stream that it is handed."""
        self.label = label
        self.usage = Usage()
        self._pieces = read(self)

    def __aiter__(self) -> AsyncIterator[str]:
        return self._pieces

    async def aclose(self) -> None:
        """Stop the model: for a reader who has left the iteration before its end."""
        await _close(self._pieces)


class Models:
    """All models of this process. Raises the last `ModelFault` when no model of the role brings an answer."""

    def __init__(
        self,
        *,
        providers: Mapping[str, Provider],
        choices: Mapping[ModelRole, tuple[ModelChoice, ...]],
        ledger: Ledger | None = None,
        prices: PriceList | None = None,
        policy: RetryPolicy | None = None,
        at_once: Mapping[ModelRole, int] | None = None,
        gate: Gate | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        elapsed: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """`at_once`: how many calls of a role may run at the same time; no limit for roles that are not named.

        `gate`: what every call, of whatever role, has to pass.
        """
        self._providers = providers
        self._choices = choices
        self._policy = policy or RetryPolicy()
        self._gate = gate
        self._interruptions = Interruptions()
        self._turns = {role: asyncio.Semaphore(limit) for role, limit in (at_once or {}).items()}
        self._watchbook = Watchbook({role: str(chosen[0]) for role, chosen in choices.items()})
        self._recorder = Recorder(
            ledger=NoLedger() if ledger is None else ledger,
            prices=prices or shipped_prices().only("rules"),
            watchbook=self._watchbook,
            now=now,
            elapsed=elapsed,
        )
        self._sleep = sleep
        self._draw = draw

    def stream(self, request: Request) -> TextStream:
        """A text in pieces. The door does not ask again once a piece was given out: the caller decides then.

        Who asks again for the same role and purpose is given the next model when one has broken off twice.
        """
        choices = self._interruptions.in_order(request, self._choices[request.role])
        return self._stream(request, Tries(choices, self._policy, draw=self._draw))

    async def text(self, request: Request) -> TextReply:
        """A whole text; asked for again also when it broke off in the middle, since nobody has seen it."""
        tries = self._tries(request)
        while True:
            stream = self._stream(request, tries)
            try:
                text = "".join([piece async for piece in stream])
            except ModelFault as fault:
                await self._before_next(tries, fault)
            else:
                return TextReply(text=text, label=stream.label, usage=stream.usage)

    async def answer(self, request: Request, schema: type[T]) -> Answer[T]:
        """An answer that fits `schema`."""
        tries = self._tries(request)
        while True:
            try:
                return await self._answer_once(request, schema, tries)
            except ModelFault as fault:
                await self._before_next(tries, fault)

    async def embed(self, texts: Sequence[str], *, purpose: str = "") -> Embedded:
        """The embeddings of `texts` by the model of the role `embedder`."""
        request = Request(ModelRole.EMBEDDER, subject=texts, prompt=NO_PROMPT, purpose=purpose)
        tries = self._tries(request)
        while True:
            try:
                return await self._embed_once(request, texts, tries)
            except ModelFault as fault:
                await self._before_next(tries, fault)

    def names(self, role: ModelRole) -> tuple[str, ...]:
        """`provider:model` of the model of `role`, then of those that may step in for it."""
        return tuple(map(str, self._choices[role]))

    def health(self) -> Mapping[ModelRole, RoleHealth]:
        """The last known state of every role, from the calls made so far."""
        return self._watchbook.states()

    async def aclose(self) -> None:
        """Close the connections of every provider that holds any."""
        for provider in self._providers.values():
            await _close(provider)

    def _stream(self, request: Request, tries: Tries[ModelChoice]) -> TextStream:
        return TextStream(lambda stream: self._pieces(request, stream, tries), self._label(request, tries.choice))

    async def _pieces(self, request: Request, stream: TextStream, tries: Tries[ModelChoice]) -> AsyncIterator[str]:
        """The pieces of the first attempt that brings any. One generator does it all: each adds cost to every word."""
        while True:
            running: Running | None = None
            try:
                async with self._call(request, tries) as running:
                    stream.label = running.label
                    async with _closing(self._asked(request, tries.choice, running.label)) as pieces:
                        async for piece in pieces:
                            if isinstance(piece, str):
                                if not running.said:
                                    running.first_token_s = self._recorder.elapsed()
                                running.said.append(piece)
                                yield piece
                            else:
                                running.usage = stream.usage = piece
            except ModelFault as fault:
                if running is not None and running.said:
                    self._interruptions.note(request, tries.choice)
                    raise
                await self._before_next(tries, fault)
            else:
                self._interruptions.forget(request)
                return

    def _asked(self, request: Request, choice: ModelChoice, label: Label) -> AsyncIterator[str | Usage]:
        return self._providers[choice.provider].stream(request, model=choice.model, parameters=label.parameters)

    @asynccontextmanager
    async def _call(self, request: Request, tries: Tries[ModelChoice]) -> AsyncIterator[Running]:
        """One call of the next attempt, once it is its turn; written down when it is over."""
        label = self._label(request, tries.choice)
        gate = self._gate.attempt() if self._gate else nullcontext()
        async with self._turns.get(request.role) or nullcontext(), gate:
            with self._recorder.attempt(request, label, number=tries.number) as running:
                yield running

    async def _answer_once(self, request: Request, schema: type[T], tries: Tries[ModelChoice]) -> Answer[T]:
        choice = tries.choice
        label = self._label(request, choice)
        value, raw, usage = await self._providers[choice.provider].answer(
            request,
            schema,
            model=choice.model,
            parameters=label.parameters,
            call=partial(self._call, request, tries),
        )
        return Answer(value=value, raw=raw, label=label, usage=usage)

    async def _embed_once(self, request: Request, texts: Sequence[str], tries: Tries[ModelChoice]) -> Embedded:
        choice = tries.choice
        async with self._call(request, tries) as running:
            provider = self._providers[choice.provider]
            if not isinstance(provider, Embedder):
                raise BadRequest(f"{choice.provider} has no embeddings")
            vectors, running.usage = await provider.embed(
                texts, model=choice.model, parameters=running.label.parameters
            )
        return Embedded(vectors, label=running.label, usage=running.usage)

    async def _before_next(self, tries: Tries[ModelChoice], fault: ModelFault) -> None:
        """Wait until the next attempt is due; raises `fault` when there is none."""
        wait_s = tries.after(fault)
        if wait_s is None:
            raise fault
        await self._sleep(wait_s)

    def _tries(self, request: Request) -> Tries[ModelChoice]:
        return Tries(self._choices[request.role], self._policy, draw=self._draw)

    def _label(self, request: Request, choice: ModelChoice) -> Label:
        return Label(
            model=str(choice),
            prompt_version=request.prompt.version,
            prompt_hash=request.prompt.hash,
            parameters=choice.decoding(request),
        )


@asynccontextmanager
async def _closing(pieces: AsyncIterator[P]) -> AsyncIterator[AsyncIterator[P]]:
    """Ends a generator that its reader leaves early at once, and with it the connection it holds."""
    try:
        yield pieces
    finally:
        await _close(pieces)


async def _close(source: object) -> None:
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
