"""The scripted model: an ordinary provider that says what a test tells it and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel, ValidationError

from llm.faults import BadRequest, Malformed, ModelFault
from llm.provider import Call, Parameters
from llm.reply import T, Usage
from llm.request import Request

Line = str | Sequence[str] | BaseModel | ModelFault
"""A whole text, the pieces of one, a structured answer, or a fault to raise."""


class ScriptedModel:
    """Says each enqueued line once, in order; asked beyond its script it fails with `BadRequest`."""

    name = "scripted"

    def __init__(self, *lines: Line, pause_s: float = 0.0) -> None:
        self.asked: list[Request] = []
        self._lines: deque[Line] = deque(lines)
        self._pause_s = pause_s

    def enqueue(self, *lines: Line) -> None:
        """Add lines to the end of the script."""
        self._lines.extend(lines)

    async def stream(self, request: Request, *, model: str, parameters: Parameters) -> AsyncIterator[str | Usage]:
        line = self._next(request)
        if isinstance(line, BaseModel):
            raise Malformed("the script holds a structured answer where text was asked for")
        for piece in [line] if isinstance(line, str) else line:
            await asyncio.sleep(self._pause_s)
            yield piece

    async def answer(
        self, request: Request, schema: type[T], *, model: str, parameters: Parameters, call: Call
    ) -> tuple[T, str, Usage]:
        async with call() as running:
            line = self._next(request)
            raw = line.model_dump_json() if isinstance(line, schema) else str(line)
            running.said.append(raw)
            try:
                value = line if isinstance(line, schema) else schema.model_validate_json(raw)
            except ValidationError as error:
                raise Malformed(str(error)) from None
        return value, raw, running.usage

    def _next(self, request: Request) -> str | Sequence[str] | BaseModel:
        self.asked.append(request)
        if not self._lines:
            raise BadRequest("the script has no more lines")
        line = self._lines.popleft()
        if isinstance(line, ModelFault):
            raise line
        return line
