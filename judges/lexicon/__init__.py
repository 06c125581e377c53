"""The rules judge's knowledge of words and phrases, read from the files beside this one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from core.shipped import shipped_text, shipped_yaml


@dataclass(frozen=True, slots=True)
class Words:
    """The word lists of `words.yaml`."""

    family: dict[str, str]
    """Each word of feeling with the family it belongs to."""
    stop: frozenset[str]
    spellings: dict[str, str]
    """Hurried spellings and contractions without apostrophe, with what they stand for."""
    slots: dict[str, str]
    """What `{feeling}`, `{hard}`, `{ease}` and `{action}` stand for in a pattern."""
    vocabulary: frozenset[str]
    """Every single word of the lists, and those that the patterns are made of."""


@dataclass(frozen=True, slots=True)
class PhraseGroup:
    """Phrases that make the same move with the same weight."""

    move: str
    weight: float
    phrases: re.Pattern[str]
    unless: re.Pattern[str] | None
    is_negated: bool
    """Whether the phrases bring their own negation."""
    only_stated: bool
    """Whether the same words in a question make another move."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of `moves.yaml`, compiled."""

    groups: tuple[PhraseGroup, ...]
    denial: re.Pattern[str]
    not_advice: re.Pattern[str]


@cache
def words() -> Words:
    """The word lists."""
    raw = shipped_yaml("judges.lexicon", "words.yaml")
    family = {word: name for name, members in raw["feelings"].items() for word in members}
    hurting = [word for word in family if family[word] != "glad"]
    lists = {"feeling": hurting, "hard": raw["hardship"], "ease": raw["ease"], "action": raw["actions"]}
    vocabulary = {word for members in lists.values() for entry in members for word in entry.split()}
    vocabulary |= _pattern_words("moves.yaml") | _pattern_words("forms.yaml")
    return Words(
        family=family,
        stop=frozenset(raw["stop"]),
        spellings={**raw["spellings"], **raw["contractions"]},
        slots={name: "|".join(map(re.escape, members)).replace("\\ ", " ") for name, members in lists.items()},
        vocabulary=frozenset(vocabulary),
    )


def _pattern_words(name: str) -> set[str]:
    """The words that stand whole in the patterns of `name`."""
    patterns = shipped_text("judges.lexicon", name)
    bare = "\n".join(line.partition("#")[0] for line in patterns.splitlines())
    return set(re.findall(r"(?<![\w\\+*?)])[a-z]{4,}(?![\w?*+(\[{])", bare))


@cache
def phrases() -> Phrases:
    """The phrases of all moves."""
    raw = shipped_yaml("judges.lexicon", "moves.yaml")
    denial, not_advice = _compile(raw.pop("denial")), _compile(raw.pop("not_advice"))
    groups = tuple(
        PhraseGroup(
            move=move,
            weight=entry["weight"],
            phrases=_compile(entry["any"]),
            unless=_compile(entry["unless"]) if "unless" in entry else None,
            is_negated=entry.get("negated", False),
            only_stated=entry.get("statement", False),
        )
        for move, entries in raw.items()
        for entry in entries
    )
    return Phrases(groups=groups, denial=denial, not_advice=not_advice)


@cache
def form(name: str) -> re.Pattern[str]:
    """The forms of this name in `forms.yaml`, compiled; raises `KeyError` for a name that is not there."""
    raw = shipped_yaml("judges.lexicon", "forms.yaml")
    filled = [re.sub(r"\{(lead|auxiliary|subject)\}", lambda slot: raw[slot[1]], pattern) for pattern in raw[name]]
    return _compile(filled)


def _compile(patterns: list[str]) -> re.Pattern[str]:
    filled = "|".join(patterns)
    for name, members in words().slots.items():
        filled = filled.replace("{" + name + "}", members)
    return re.compile(rf"\b(?:{filled})\b")
