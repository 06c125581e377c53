"""Splitting text into sentences, the same way for seeker, coach, judge and analysis."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import segment

_TAKEN_FOR_ABBREVIATION = re.compile(r"\b(?:me|no|ok|ill|hr|mm|i|miss|fed)\.\s+(?=[^\W\d])", re.IGNORECASE)
"""Words that end sentences in a conversation, where the splitter sees Maine, number, Oklahoma and the like."""


def sentences(text: str) -> list[str]:
    """The sentences of an English text in order, without surrounding white space; none for blank text."""
    return [stripped for part in segment("en", text) for piece in _split(part) if (stripped := piece.strip())]


def _split(part: str) -> Iterator[str]:
    start = 0
    for match in _TAKEN_FOR_ABBREVIATION.finditer(part):
        yield part[start : match.end()]
        start = match.end()
    yield part[start:]
