"""Which text can be kept: what every database takes and UTF-8 can write; and which can be told apart by sight."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def is_storable(text: str) -> bool:
    """Whether `text` holds neither NUL, which PostgreSQL refuses, nor half a surrogate pair, which is no character."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def storable(text: str) -> str:
    """`text` with everything that cannot be kept replaced by U+FFFD: for what models write."""
    return "".join("\ufffd" if not is_storable(character) else character for character in text)


def has_invisible(text: str) -> bool:
    """Whether `text` holds what nobody sees: control and format characters, or white space that is no plain space."""
    return any(
        unicodedata.category(character) in _INVISIBLE or (character.isspace() and character != " ")
        for character in text
    )
