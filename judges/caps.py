"""Faults that the judge names or that code counts, and the score that they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from core.sentences import sentences
from core.transcript import Message, Role
from judges.criteria import Cap

Count = Callable[[Sequence[Message]], int]
"""Counts something in a conversation that ends with the message judged."""


def capped(score: int, caps: Sequence[Cap], *, lowest: int) -> int:
    """`score` less the points of `caps`, or their lowest ceiling where that is lower; at least `lowest` (SE-40)."""
    left = max(lowest, score - sum(cap.minus for cap in caps))
    return min([left, *(cap.ceiling for cap in caps if cap.ceiling is not None)])


def counted_caps(caps: Iterable[Cap], messages: Sequence[Message]) -> tuple[Cap, ...]:
    """Those of `caps` that code finds in `messages`, whatever the judge says (SE-39)."""
    return tuple(cap for cap in caps if cap.found_by and COUNTS[cap.found_by](messages) > cap.above)


def _words(messages: Sequence[Message]) -> int:
    return len(_last(messages).split())


def _sentences(messages: Sequence[Message]) -> int:
    return sum(any(letter.isalnum() for letter in sentence) for sentence in sentences(_last(messages)))


def _questions_in_a_row(messages: Sequence[Message]) -> int:
    """How many messages of the supporter in a row, the last one among them, ask something."""
    said = [message.text for message in messages if message.role is Role.SUPPORTER]
    asked = 0
    for text in reversed(said):
        if "?" not in text:
            break
        asked += 1
    return asked


def _last(messages: Sequence[Message]) -> str:
    return messages[-1].text if messages else ""


COUNTS: Mapping[str, Count] = {
    "words": _words,
    "sentences": _sentences,
    "questions_in_a_row": _questions_in_a_row,
}
"""What a rubric's `found_by` may name."""
