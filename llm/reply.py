"""What a model answered, labelled with who answered and how it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Label:
    """Who answered: stored with every message, feedback and score."""

    model: str
    """`provider:model`, e.g. `openai:gpt-4o`, `rules:1`."""
    prompt_version: str
    prompt_hash: str
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the provider said a call used; None where it did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    """Those of `prompt_tokens` that were read from the provider's cache, which costs less."""
    cost_usd: float | None = None
    """The price of this call, where the provider or a gateway reports it."""
    served_model: str | None = None
    """The exact model behind the name that was asked for, e.g. `gpt-4o-2024-08-06`."""
    served_as: str | None = None
    """How an answer was made to fit its schema: `json_schema`, `json_object`, `prompt` or `prompt, repaired`."""


@dataclass(frozen=True, slots=True)
class TextReply:
    """A whole answer in free text."""

    text: str
    label: Label
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A whole answer that fits a schema, with the raw text it was read from."""

    value: T
    raw: str
    label: Label
    usage: Usage = Usage()
    """Of the call that brought the answer; the ledger has those before it."""
