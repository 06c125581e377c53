"""Words of a study file as plain text of a Markdown document."""

from __future__ import annotations

import re

_MARKUP = re.compile(
    r"""
    [\\`*\[\]~\#]          # code, emphasis, links, strikethrough, headings
    | <(?=[A-Za-z/!?])      # a tag; a less-than sign with a number or a space after it stays
    | &(?=\#?\w+;)          # an entity
    | (?<![^\W_])_ | _(?![^\W_])  # emphasis; an underscore within a name stays
    | ^[>+-]                # a quotation or a list
    """,
    re.VERBOSE,
)
_NUMBERED = re.compile(r"^(\d+)(?=[.)])")


def escaped(words: str) -> str:
    """`words` in one line, with a backslash before whatever Markdown or HTML would read as more than a letter."""
    escaped_signs = _MARKUP.sub(lambda sign: f"\\{sign.group()}", " ".join(words.split()))
    return _NUMBERED.sub(r"\1\\", escaped_signs)
