"""Counting sentences as they are printed: a quotation belongs to the sentence that it stands in (C-2, LE-64)."""

from __future__ import annotations

import re

from core.sentences import sentences

_QUOTATION = re.compile(r"“[^”]*”|\"[^\"]*\"|(?<!\w)[‘'](?=\w)(?:(?![‘’']\s)[^“”\"\n])*?[.,!?…][’'](?!\w)")
_ENDS = re.compile(r"[.!?…]")


def printed_sentences(text: str) -> list[str]:
    """The sentences of `text` in order, each exactly as printed; marks within a quotation end none but its last.

    Joined by the white space between them they are the text again.
    """
    shadow = _QUOTATION.sub(_without_inner_ends, text)
    found, position = [], 0
    for part in sentences(shadow):
        start = shadow.index(part, position)
        position = start + len(part)
        found.append(text[start:position])
    return found


def first_sentences(text: str, *, most: int) -> str:
    """`text` cut after `most` sentences."""
    parts = printed_sentences(text)
    if len(parts) <= most:
        return text.strip()
    return " ".join(parts[:most])


def quotations(text: str) -> list[str]:
    """What stands between quotation marks in `text`, in order, without the marks."""
    return [match.group()[1:-1] for match in _QUOTATION.finditer(text)]


def has_open_quotation(text: str) -> bool:
    """Whether a quotation begins in `text` and does not end there, as in a text that is still coming."""
    rest = _QUOTATION.sub("", text)
    return bool(re.search(r"[“\"]|(?<!\w)[‘'](?=\w)", rest))


def _without_inner_ends(match: re.Match[str]) -> str:
    """A quotation of the same length in which only a mark at its very end may end a sentence."""
    inner = match.group()
    body, end = inner[1:-2], inner[-2:]
    return '"' + _ENDS.sub(",", body) + end[:-1] + '"' if len(inner) > 2 else inner
