"""Whom to ask next after a fault, and how long to wait before: arithmetic only, tested without any waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from llm.faults import ModelFault

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient the door is with a request."""

    attempts_per_model: int = 3
    """Most passing faults are over by the second attempt; a third covers a restart of the server."""
    attempts_in_all: int = 6
    """Two models at full patience: beyond that people wait for nothing and a long list of models multiplies cost."""
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0
    longest_retry_after_s: float = 20.0
    """A server that asks for a longer pause is passed over for the next model; a job may come back later."""


class Tries(Generic[C]):
    """The way of one request through the models of its role."""

    def __init__(self, choices: Sequence[C], policy: RetryPolicy, *, draw: Callable[[], float]) -> None:
        self.number = 1
        self._choices = choices
        self._policy = policy
        self._draw = draw
        self._index = 0
        self._on_this = 1

    @property
    def choice(self) -> C:
        """The model to ask now."""
        return self._choices[self._index]

    def after(self, fault: ModelFault) -> float | None:
        """Seconds to wait before asking `choice`, which may now be the next model; None when it is time to give up."""
        if self.number >= self._policy.attempts_in_all:
            return None
        wait_s = self._wait_s(fault)
        if wait_s is not None:
            self._on_this += 1
        elif self._index + 1 < len(self._choices):
            self._index += 1
            self._on_this = 1
            wait_s = 0.0
        else:
            return None
        self.number += 1
        return wait_s

    def _wait_s(self, fault: ModelFault) -> float | None:
        """The pause before the same model is asked again; None when it should not be.

        Doubled each time and drawn from its upper half, so that dialogues which failed together do not return together.
        """
        policy = self._policy
        if not fault.retryable or self._on_this >= policy.attempts_per_model:
            return None
        ceiling = min(policy.longest_wait_s, policy.first_wait_s * 2.0 ** (self._on_this - 1))
        pause = ceiling * (1 + self._draw()) / 2
        if fault.retry_after_s is None:
            return pause
        if fault.retry_after_s > policy.longest_retry_after_s:
            return None
        return fault.retry_after_s + policy.first_wait_s * self._draw()
