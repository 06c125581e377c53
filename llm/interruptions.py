"""Which models broke off in mid-answer: whoever begins the same answer anew is not given the same model for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from llm.request import ModelRole, Request

C = TypeVar("C")

TOLERATED = 2
"""An interruption mostly passes, and one conversation is better held by one model; the second is no chance."""
MOST_REMEMBERED = 10_000
"""Answers under way whose interruptions are remembered; beyond it all are forgotten, and models get another chance."""


class Interruptions:
    """Counts interruptions by what an answer belongs to (`purpose`), until one comes whole."""

    def __init__(self) -> None:
        self._counts: dict[tuple[ModelRole, str], Counter[str]] = {}

    def note(self, request: Request, choice: object) -> None:
        """`choice` broke off after it had said something."""
        if len(self._counts) >= MOST_REMEMBERED:
            self._counts.clear()
        self._counts.setdefault((request.role, request.purpose), Counter())[str(choice)] += 1

    def forget(self, request: Request) -> None:
        """The answer has come whole."""
        self._counts.pop((request.role, request.purpose), None)

    def in_order(self, request: Request, choices: Sequence[C]) -> Sequence[C]:
        """The models in the order in which to ask them: as the settings say, but who broke off too often later."""
        counts = self._counts.get((request.role, request.purpose))
        return choices if counts is None else sorted(choices, key=lambda choice: counts[str(choice)] // TOLERATED)
