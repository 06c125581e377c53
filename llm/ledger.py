"""The call ledger: one row for every call of a model, failed ones included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from llm.prices import Cost
from llm.reply import Usage
from llm.request import ModelRole, Prompt

OK = "ok"
CANCELLED = "cancelled"
"""Whoever asked went away before the answer was whole."""
CRASHED = "crashed"
"""A bug of ours ended the call."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of one model. Holds no key and no identity: `purpose` names a dialogue or transcript."""

    role: ModelRole
    model: str
    """`provider:model` as it was asked for; `usage.served_model` is what answered."""
    purpose: str
    number: int
    """1 for the first attempt at a request, counted on through retries and fallbacks; its calls share a number."""
    prompt_version: str
    prompt_hash: str
    parameters: Mapping[str, float | int | str]
    started_at: datetime
    """UTC, cut to milliseconds."""
    first_token_ms: int | None
    """From asking to the first piece; None where nothing streamed."""
    total_ms: int
    outcome: str
    """`ok`, the kind of a `ModelFault`, `cancelled` or `crashed`."""
    error: str
    """One sentence without secrets; empty when the outcome is `ok`."""
    status: int | None
    """The HTTP status of a failed call, where there was one."""
    usage: Usage
    cost: Cost
    prompt: Prompt = field(repr=False)
    raw: str = field(repr=False)
    """What the model said, whole or as far as it came. With `prompt` this is what a withdrawal must erase."""


class Ledger(Protocol):
    """Where attempts are kept. Called in the middle of a live reply: `record` must neither wait nor raise."""

    def record(self, attempt: Attempt) -> None: ...


class InMemoryLedger:
    """Keeps every attempt in a list, for tests and short commands."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []

    def record(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)


class NoLedger:
    """Keeps nothing."""

    def record(self, attempt: Attempt) -> None:
        return None
