"""Finding a quoted span in what the supporter really wrote, letter for letter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from coach.sentence_count import quotations
from core.transcript import Role, Transcript

_LOOSE = {"'": "['’‘]", "’": "['’‘]", "‘": "['’‘]", '"': '["“”]', "“": '["“”]', "”": '["“”]'}
_MARKS = " \t\n.,;:…?!\"“”‘’'"
_SHORTEST = 2
"""Letters of a quote at least, so that a stray one between marks points at nothing; a whole message may be shorter."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of one of the supporter's messages."""

    message: int
    """Index into `Transcript.messages`, from 0."""
    span: str
    """Stands letter for letter in that message."""


def find_quote(quoted: str, transcript: Transcript) -> Quote | None:
    """Where `quoted` stands in a supporter's message, or None.

    Case, kinds of quotation mark and white space may differ, and marks at the ends of `quoted` are ignored; the span is
    given as the supporter wrote it.
    """
    words = quoted.strip(_MARKS).split()
    if not words:
        return None
    pattern = re.compile(
        r"(?<!\w)" + r"\s+".join("".join(_LOOSE.get(c, re.escape(c)) for c in word) for word in words) + r"(?!\w)",
        re.IGNORECASE,
    )
    for index, message in enumerate(transcript.messages):
        match = pattern.search(message.text) if message.role is Role.SUPPORTER else None
        if match and (len("".join(words)) >= _SHORTEST or len(message.text.strip(_MARKS)) < _SHORTEST):
            return Quote(message=index, span=match.group() + _mark_after(match, quoted))
    return None


def _mark_after(match: re.Match[str], quoted: str) -> str:
    """The question or exclamation mark that is quoted along, if it stands there."""
    mark = quoted.rstrip("\"“”‘’' ")[-1:]
    return mark if mark in ("?", "!") and match.string[match.end() : match.end() + 1] == mark else ""


def quotes_in(text: str, transcript: Transcript) -> tuple[Quote, ...]:
    """The supporter's own words among the quotations in `text`, in order, each once."""
    found = (find_quote(quotation, transcript) for quotation in quotations(text))
    return tuple(dict.fromkeys(quote for quote in found if quote is not None))
