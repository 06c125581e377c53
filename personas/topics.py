"""Finding the topics of a persona that a supporter's sentence asks for or touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from core.shipped import shipped_yaml
from core.words import stem
from personas.persona import Persona, Topic
from personas.words import SMALL_STEMS, stems

_SMALL_WEIGHT = 0.4
_OWN_BONUS = 0.3
"""A persona's own pattern says more than one that fits everybody."""
_ASKED = 0.7
_TOUCHED = 1.0

_LIGHT = SMALL_STEMS - {"feel"}

Pattern = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class _Match:
    topic: Topic
    weight: float
    telling: frozenset[str]
    """The telling words of the sentence that brought the topic up."""


def asked_topics(persona: Persona, questions: Sequence[str]) -> tuple[Topic, ...]:
    """The topics that questions ask for: of each question the best fit, and what else it names beside that."""
    found: list[Topic] = []
    for question in questions:
        best, *others = _matches(persona, stems(question), least=_ASKED, is_shared=True) or (None,)
        if best is not None:
            found.append(best.topic)
            found += [other.topic for other in others if other.telling and not other.telling & best.telling][:1]
    return tuple({topic.id: topic for topic in found}.values())


def touched_topics(persona: Persona, text: str) -> tuple[Topic, ...]:
    """The topics whose telling words occur in a text, best first."""
    return tuple(match.topic for match in _matches(persona, stems(text), least=_TOUCHED, is_shared=False))


def _matches(persona: Persona, said: tuple[str, ...], *, least: float, is_shared: bool) -> list[_Match]:
    shared = _shared_asks() if is_shared else {}
    best: list[_Match] = []
    for topic in persona.topics:
        patterns = [(pattern, _OWN_BONUS) for pattern in _own_asks(topic)]
        patterns += [(pattern, 0.0) for pattern in shared.get(topic.id, ())]
        matches = [_match(topic, pattern, said, bonus) for pattern, bonus in patterns if _is_in(pattern, said)]
        if matches and (strongest := max(matches, key=lambda match: match.weight)).weight >= least:
            best.append(strongest)
    return sorted(best, key=lambda match: -match.weight)


def _match(topic: Topic, pattern: Pattern, said: tuple[str, ...], bonus: float) -> _Match:
    present = [alternatives & set(said) for alternatives in pattern]
    weights = [1.0 if words - _LIGHT else _SMALL_WEIGHT for words in present]
    return _Match(topic, weight=sum(weights) + bonus, telling=frozenset().union(*present) - _LIGHT)


def _is_in(pattern: Pattern, said: tuple[str, ...]) -> bool:
    """Whether the words of a pattern occur in this order."""
    rest = iter(said)
    return all(any(word in alternatives for word in rest) for alternatives in pattern)


@lru_cache(maxsize=1024)
def _own_asks(topic: Topic) -> tuple[Pattern, ...]:
    return tuple(map(_parse, topic.asked_by))


@cache
def _shared_asks() -> Mapping[str, tuple[Pattern, ...]]:
    raw = shipped_yaml("personas", "asks.yaml")
    return {topic_id: tuple(map(_parse, patterns)) for topic_id, patterns in raw.items()}


def _parse(pattern: str) -> Pattern:
    return tuple(frozenset(stem(word.casefold()) for word in part.split("|")) for part in pattern.split())
