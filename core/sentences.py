"""Splitting text into sentences, the same way for seeker, coach, judge and analysis."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import segment

_TAKEN_FOR_ABBREVIATION = re.compile(r"\b(?:me|no|ok|ill|hr|mm|i|miss|fed)\.\s+(?=[^\W\d])", re.IGNORECASE)
"""Words that end sentences in a conversation, where the splitter sees Maine, number, Oklahoma and the like."""
_ENDS_NO_SENTENCE = re.compile(r"[\w ,'’]*")
"""Text after which no sentence can have ended: every mark and every new line might end one."""


def sentences(text: str) -> list[str]:
    """The sentences of an English text in order, without surrounding white space; none for blank text."""
    return [stripped for part in segment("en", text) for piece in _split(part) if (stripped := piece.strip())]


def _split(part: str) -> Iterator[str]:
    start = 0
    for match in _TAKEN_FOR_ABBREVIATION.finditer(part):
        yield part[start : match.end()]
        start = match.end()
    yield part[start:]


class SentenceReader:
    """The sentences of a text that comes in pieces. It is split again only where a piece may have ended one."""

    def __init__(self) -> None:
        self._text = ""
        self._read = 0
        self._may_have_ended = False

    def feed(self, piece: str) -> list[str]:
        """The sentences that are known to be whole with this piece: another one has begun after them."""
        self._text += piece
        self._may_have_ended = self._may_have_ended or not _ENDS_NO_SENTENCE.fullmatch(piece)
        if not self._may_have_ended:
            return []
        *whole, last = sentences(self._text)[self._read :] or [""]
        self._may_have_ended = not _ENDS_NO_SENTENCE.fullmatch(self._text, self._text.rindex(last))
        self._read += len(whole)
        return whole

    def rest(self) -> list[str]:
        """The sentences that only the end of the text shows to be whole."""
        return sentences(self._text)[self._read :]
