"""What a supporter asks about that the seeker brought up itself: names of people, and its own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from core.words import stem
from personas.draft import seeker_lines
from personas.persona import Person, Persona, Topic
from personas.words import SMALL_STEMS, stems

_ASKS_NAME = re.compile(r"\b(?:names?|named|called)\b", re.IGNORECASE)
_OWN_NAME = re.compile(r"\byour (?:own |first |last |real )?name\b|\b(?:are|r) (?:you|u) called\b", re.IGNORECASE)
_CALLED_BY_PHONE = re.compile(r"\b(?:called|call) (?:you|me|back|again|in|off|out)\b", re.IGNORECASE)
_ASKS_FOR_MORE = re.compile(
    r"\b(?:tell me|talk|say more|more about|what about|how about|what (?:do|did) you mean|go on about|hear"
    r"|describe|what (?:is|was|were|are) (?:it|that|this|those|these|the))\b",
    re.IGNORECASE,
)
_PRONOUNS = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "they": "they", "their": "they"}
_NAME_STEMS = frozenset(
    stem(word) for word in ["name", "names", "named", "call", "called", "again", "ask", "may", "know"]
)
_RARE = 4
"""A word in more of a persona's lines than this points at none of them."""


def asks_for_a_name(question: str) -> bool:
    """Whether a question asks what somebody other than the seeker is called."""
    asks = _ASKS_NAME.search(_CALLED_BY_PHONE.sub("", question))
    return asks is not None and not _OWN_NAME.search(question)


def named_person(persona: Persona, question: str, said: Sequence[str]) -> Topic | None:
    """The person whose name a question asks for, as a topic that answers it; None when the persona knows none.

    By the word in the question, else as the one of that pronoun who was spoken of last in `said`, the messages so far.
    """
    words = stems(question)
    person = _called(persona.people, words) or _meant(persona.people, words, said=said)
    if person is None:
        return None
    again = (line.format(who=person.name) for line in seeker_lines()["name_again"])
    return Topic(id="name_asked", depth=0, asked_by=(), lines=(*person.lines, *again))


def _called(people: Sequence[Person], words: Sequence[str]) -> Person | None:
    return next((person for word in words for person in people if word in _calls(person)), None)


def _meant(people: Sequence[Person], words: Sequence[str], *, said: Sequence[str]) -> Person | None:
    pronoun = next((_PRONOUNS[word] for word in words if word in _PRONOUNS), None)
    if pronoun is None and set(words) - SMALL_STEMS - _NAME_STEMS:
        return None  # somebody whom this persona has never spoken of
    fitting = [person for person in people if pronoun in (None, "they", person.pronoun)]
    for message in reversed(said):
        if (person := _called(fitting, stems(message)[::-1])) is not None:
            return person
    return next(iter(fitting), None)


@lru_cache(maxsize=256)
def _calls(person: Person) -> frozenset[str]:
    return frozenset(stem(word.casefold()) for word in person.called)


def own_words_asked(persona: Persona, questions: Sequence[str]) -> Topic | None:
    """What the persona can say to questions for more about rare words of its own lines, as one topic; None if nothing.

    Lines with such a word come first, then the others of their topics: what is left there elaborates on it.
    """
    asked = {word for question in questions if _ASKS_FOR_MORE.search(question) for word in stems(question)}
    telling = {word for word in asked - SMALL_STEMS if 0 < _occurrences(persona)[word] <= _RARE}
    found = [topic for topic in persona.topics if any(telling & set(stems(line)) for line in topic.lines)]
    if not found:
        return None
    lines = sorted((line for topic in found for line in topic.lines), key=lambda line: -len(telling & set(stems(line))))
    return found[0].model_copy(update={"lines": tuple(lines), "depth": min(topic.depth for topic in found)})


@lru_cache(maxsize=32)
def _occurrences(persona: Persona) -> Counter[str]:
    """In how many lines of the persona's topics each word stands."""
    return Counter(word for topic in persona.topics for line in topic.lines for word in set(stems(line)))
