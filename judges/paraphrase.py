"""How much of what the seeker told comes back in the supporter's words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.words import stem
from judges.clauses import plain
from judges.lexicon import words


@dataclass(frozen=True, slots=True)
class Told:
    """What the seeker has told so far, as content."""

    stems: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    """The families of feeling in their words: "afraid" gives back "scared"."""

    def __or__(self, other: Told) -> Told:
        return Told(stems=self.stems | other.stems, families=self.families | other.families)


@lru_cache(maxsize=4096)
def told(text: str) -> Told:
    """The content of `text`."""
    return content(plain(text))


def content(plain_text: str) -> Told:
    """The stems of the content words and the families of the feelings in a plain text."""
    tokens = plain_text.split()
    families = frozenset(words().family[token] for token in tokens if token in words().family)
    return Told(stems=frozenset(stems(tokens)), families=families)


def shared(heard: Told, said: str) -> tuple[frozenset[str], frozenset[str]]:
    """The stems and the families of feeling that the plain text `said` gives back of `heard`."""
    mine = content(said)
    return mine.stems & heard.stems, mine.families & heard.families


def stems(tokens: Iterable[str]) -> Iterable[str]:
    """The stems of the content words among `tokens`."""
    for token in tokens:
        if token not in words().stop and not re.fullmatch(r"\d", token):
            yield stem(token)
