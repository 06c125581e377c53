"""Embeddings: what comes back for a list of texts, and reading it from the answer of a server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import orjson

from llm.faults import Malformed, ModelFault
from llm.provider import Parameters
from llm.reply import Label, Usage
from llm.request import Prompt
from llm.sorting import fault_of_error

NO_PROMPT = Prompt(version="", hash="", messages=())
"""An embedder is sent the texts themselves."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The embedding of each text, in their order and all of one length."""

    vectors: list[list[float]]
    label: Label
    usage: Usage = field(default_factory=Usage)


@runtime_checkable
class Embedder(Protocol):
    """A provider that has embeddings as well."""

    async def embed(
        self, texts: Sequence[str], *, model: str, parameters: Parameters
    ) -> tuple[list[list[float]], Usage]: ...


def read_embeddings(content: bytes, *, count: int, secret: str = "") -> tuple[list[list[float]], Usage]:
    """The `count` vectors of an answer of `/embeddings`, by their index.

    Raises the fault that the answer reports, and `Malformed` for one that does not hold exactly `count` vectors of one
    length and finite numbers.
    """
    try:
        answer = orjson.loads(content)
        if answer.get("error"):
            raise fault_of_error(answer["error"], secret=secret)
        found = {int(item["index"]): [float(value) for value in item["embedding"]] for item in answer["data"]}
        vectors = [found[index] for index in range(count)]
        used = answer.get("usage") or {}
        usage = Usage(prompt_tokens=used.get("prompt_tokens"), served_model=answer.get("model"))
    except ModelFault:
        raise
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise Malformed(f"the server sent something that is no list of embeddings ({error})") from None
    if len(found) != count or len({len(vector) for vector in vectors}) > 1 or not all(map(_is_finite, vectors)):
        raise Malformed("the server's embeddings do not fit the texts")
    return vectors, usage


def _is_finite(vector: list[Any]) -> bool:
    return bool(vector) and all(map(math.isfinite, vector))
