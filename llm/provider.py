"""What every provider of models can do; the door (`llm.models`) adds retries, fallbacks and the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from llm.attempt import Running
from llm.reply import T, Usage
from llm.request import Request

Parameters = Mapping[str, float | int | str]
Call = Callable[[], AbstractAsyncContextManager[Running]]
"""Opens one call of a model: entered once the call may be made, written into the ledger when it is left."""


class Provider(Protocol):
    """A source of answers. Every method raises a `llm.faults.ModelFault` when it brings none."""

    name: str

    def stream(self, request: Request, *, model: str, parameters: Parameters) -> AsyncIterator[str | Usage]:
        """The pieces of a text as they come; a `Usage` last where the provider counts tokens."""
        ...

    async def answer(
        self, request: Request, schema: type[T], *, model: str, parameters: Parameters, call: Call
    ) -> tuple[T, str, Usage]:
        """An answer that fits `schema`, with the raw text it was read from.

        Whatever is asked for it is asked within a `call`, each time anew, which is told what was said and used.
        """
        ...
