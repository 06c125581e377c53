"""Answers that fit a schema, from endpoints that differ in how far they enforce one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Generic, Protocol

import orjson
from openai import pydantic_function_tool
from pydantic import BaseModel, ValidationError

from llm.faults import BadRequest, Malformed, ModelFault, Unreachable
from llm.prompts import load_prompt
from llm.provider import Call
from llm.reply import T, Usage
from llm.request import PromptMessage

ResponseFormat = Mapping[str, object]
STEPPING_STATUSES = frozenset({400, 422, 500, 501})
"""Answers of a server that cannot do what a rung asks: llama.cpp answers a schema with 500, others with 400."""
STRIKES = 2
"""A failure that might be chance (a 500, one bad answer) moves the endpoint down for good only when it comes twice."""


class Rung(StrEnum):
    """How the schema is enforced, the strictest first."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PROMPT = "prompt"


class Ask(Protocol):
    """Sends messages with a response format to one model; returns its text, or raises a `ModelFault`."""

    async def __call__(
        self, messages: Sequence[PromptMessage], response_format: ResponseFormat | None
    ) -> tuple[str, Usage]: ...


class Ladder:
    """Finds the strictest rung that an endpoint serves, once per model and schema, and stays there."""

    def __init__(self) -> None:
        self._settled: dict[tuple[str, str], Rung] = {}
        self._strikes: Counter[tuple[str, str, Rung]] = Counter()

    def rung(self, model: str, schema: type[BaseModel]) -> Rung | None:
        """Where the endpoint has settled; None while that is being found out."""
        return self._settled.get((model, schema.__name__))

    async def answer(
        self, ask: Ask, messages: Sequence[PromptMessage], schema: type[T], *, model: str, call: Call
    ) -> tuple[T, str, Usage]:
        """The value, the raw text it was read from, and the usage of the call that brought it.

        Each rung is a `call` of its own. Raises the fault of the strictest rung tried.
        """
        question = _Question(ask, call, messages, schema)
        settled = self.rung(model, schema)
        if settled is not None:
            return await question.on(settled)
        passed: list[tuple[Rung, ModelFault]] = []
        for rung in Rung:
            try:
                answer = await question.on(rung)
            except ModelFault as fault:
                if not _is_step(fault):
                    raise
                passed.append((rung, fault))
            else:
                self._settle(rung, model=model, schema=schema, passed=passed)
                return answer
        raise passed[0][1]

    def _settle(
        self, rung: Rung, *, model: str, schema: type[BaseModel], passed: Sequence[tuple[Rung, ModelFault]]
    ) -> None:
        key = (model, schema.__name__)
        for above, fault in passed:
            self._strikes[(*key, above)] += STRIKES if fault.status in (400, 422, 501) else 1
        if all(self._strikes[(*key, above)] >= STRIKES for above, _ in passed):
            self._settled[key] = rung


def _is_step(fault: ModelFault) -> bool:
    if isinstance(fault, BadRequest | Unreachable):
        return fault.status in STEPPING_STATUSES
    return isinstance(fault, Malformed)


class _Misfit(Malformed):
    """An answer that was read and does not fit the schema; the message says why, without its values."""


@dataclass(frozen=True, slots=True)
class _Question(Generic[T]):
    """What is asked on every rung."""

    ask: Ask
    call: Call
    messages: Sequence[PromptMessage]
    schema: type[T]

    async def on(self, rung: Rung) -> tuple[T, str, Usage]:
        """The answer on `rung`; on the last, one that does not fit is shown to the model with the reason, once."""
        asked = self.messages if rung is Rung.SCHEMA else _with_schema(self.messages, self.schema)
        try:
            return await self._once(asked, response_format(rung, self.schema), how=rung.value)
        except _Misfit as misfit:
            if rung is not Rung.PROMPT:
                raise
            plea = load_prompt("llm", "repair", 1).render(complaint=str(misfit)).messages
            shown = PromptMessage(role="assistant", content=misfit.raw)
        return await self._once([*asked, shown, *plea], None, how=f"{rung}, repaired")

    async def _once(
        self, messages: Sequence[PromptMessage], wanted: ResponseFormat | None, *, how: str
    ) -> tuple[T, str, Usage]:
        async with self.call() as running:
            raw, used = await self.ask(messages, wanted)
            usage = running.usage = replace(used, served_as=how)
            running.said.append(raw)
            try:
                return _read(raw, self.schema), raw, usage
            except ValidationError as error:
                raise _Misfit(_complaint(error), raw=raw, usage=usage) from None


def response_format(rung: Rung, schema: type[BaseModel]) -> ResponseFormat | None:
    if rung is Rung.SCHEMA:
        strict = {"name": schema.__name__, "schema": strict_schema(schema), "strict": True}
        return {"type": "json_schema", "json_schema": strict}
    return {"type": "json_object", "schema": strict_schema(schema)} if rung is Rung.OBJECT else None


@cache
def strict_schema(schema: type[BaseModel]) -> Mapping[str, object]:
    """The JSON schema in the strict form (every property required, no others allowed)."""
    # The function that makes it is private in the client; this public one carries its result.
    return pydantic_function_tool(schema)["function"]["parameters"]


def _with_schema(messages: Sequence[PromptMessage], schema: type[BaseModel]) -> list[PromptMessage]:
    """The messages with the schema explained in the system message: some endpoints allow only one, and that first."""
    text = orjson.dumps(strict_schema(schema), option=orjson.OPT_INDENT_2).decode()
    (explained,) = load_prompt("llm", "schema", 1).render(schema=text).messages
    if messages and messages[0].role == "system":
        joined = f"{messages[0].content}\n\n{explained.content}"
        return [PromptMessage(role="system", content=joined), *messages[1:]]
    return [explained, *messages]


def _read(raw: str, schema: type[T]) -> T:
    return schema.model_validate_json(json_part(raw))


def json_part(raw: str) -> str:
    """What of an answer is its JSON object: without thoughts before it, fences around it or remarks after it."""
    text = raw.rpartition("</think>")[2]
    begin, end = text.find("{"), text.rfind("}")
    return text[begin : end + 1] if 0 <= begin < end else text


def _complaint(error: ValidationError) -> str:
    """What does not fit, without the values: those may be what a participant wrote."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    told = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'answer'}: {fault['msg']}" for fault in faults[:3])
    return f"the answer does not fit the form ({told})"
