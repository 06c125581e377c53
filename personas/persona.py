"""A persona: who the seeker is, what happened to them, and what they say when they are asked (LE-37, LE-38, LE-44)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from core.sentences import sentences
from core.strict import Identifier, Strict, Text, Texts

ADULT = range(18, 100)
FEWEST_FACTS = 12
"""Facts and topics together; with fewer the rules seeker has nothing left to tell after a few messages."""

MANDATORY_TOPICS = frozenset({"what_happened", "feelings", "fear", "hardest", "support", "remarks", "needs", "next"})
"""What any supporter may ask anybody in trouble."""


class TroubleType(StrEnum):
    """The two kinds of trouble that the paper compares."""

    WORKPLACE = "workplace"
    PERSONAL = "personal"


def _one_sentence(line: str) -> str:
    if len(sentences(line)) != 1 or line[-1] not in ".?!":
        raise ValueError(f"a line is one whole sentence, not {line!r}")
    if len(sentences(f"{line} I do.")) != 2:
        raise ValueError(f"a line must not end like an abbreviation: {line!r}")
    return line


Line = Annotated[Text, AfterValidator(_one_sentence)]
Lines = Annotated[tuple[Line, ...], Field(min_length=1)]


class Topic(Strict):
    """Something the persona can speak about, from what is said easily to what lies deeper."""

    id: Identifier
    depth: int = Field(ge=0, le=3)
    """0 said to anybody, 3 only to somebody who listens well."""
    asked_by: tuple[Text, ...]
    """Patterns of words that a question about this topic holds: all words of a pattern, `|` between alternatives."""
    lines: Lines
    """One sentence each, in the order in which they come out."""
    when_advised: tuple[Line, ...] = ()
    """What the persona says when advice touches this topic."""


class Person(Strict):
    """Somebody the persona speaks of, with a name of their own."""

    name: Text
    called: Texts
    """Words by which they are spoken of, `dad` or `boss`."""
    pronoun: Literal["he", "she", "they"]
    lines: Lines
    """Answers to what they are called, each with the name in it."""


class Persona(Strict):
    """Someone in trouble, as written in a file of the bank."""

    id: Identifier
    scenario: Identifier
    trouble_type: TroubleType
    opener: Text
    """The first message of every conversation in the scenario, always the same (LE-39)."""
    name: Text
    age: int = Field(ge=ADULT.start, lt=ADULT.stop, strict=True)
    job: Text
    place: Text
    facts: Texts
    feelings: Texts
    """Single words for how the persona feels, strongest first."""
    worries: Texts
    unhelpful_remarks: Texts
    """What friends have said, meaning well."""
    needs: Text
    """The acknowledgement that the persona longs for."""
    never_says: tuple[Text, ...]
    """Phrases that would contradict the facts."""
    resists: Lines
    """Answers to advice that nobody asked for, from soft to firm."""
    deflects: Lines
    """Answers to a silver lining, from soft to firm."""
    safe_lines: Annotated[tuple[Line, ...], Field(min_length=4)]
    """Sentences that fit anywhere, said when a model cannot stay in its role."""
    topics: tuple[Topic, ...]
    people: tuple[Person, ...] = ()
    """Who the persona speaks of, the one spoken of most first."""

    def topic(self, topic_id: str) -> Topic:
        """The topic of that id; raises `KeyError` when the persona has none."""
        for topic in self.topics:
            if topic.id == topic_id:
                return topic
        raise KeyError(topic_id)

    def spoken_lines(self) -> Iterator[str]:
        """Every sentence that the persona's file lets it say, the opener apart."""
        yield from (*self.resists, *self.deflects, *self.safe_lines)
        for topic in self.topics:
            yield from (*topic.lines, *topic.when_advised)
        for person in self.people:
            yield from person.lines

    @model_validator(mode="after")
    def _is_rich_enough(self) -> Persona:
        if len(self.facts) + len(self.topics) < FEWEST_FACTS:
            raise ValueError(f"a persona needs at least {FEWEST_FACTS} facts and topics")
        if missing := sorted(MANDATORY_TOPICS - {topic.id for topic in self.topics}):
            raise ValueError(f"anybody may ask about {', '.join(missing)}: write these topics too")
        return self

    @model_validator(mode="after")
    def _says_nothing_twice(self) -> Persona:
        ids = [topic.id for topic in self.topics]
        if twice := {topic_id for topic_id in ids if ids.count(topic_id) > 1}:
            raise ValueError(f"the topic {twice.pop()!r} occurs twice")
        seen: set[str] = set()
        for line in self.spoken_lines():
            if line.casefold() in seen:
                raise ValueError(f"a line stands twice: {line!r}")
            seen.add(line.casefold())
        return self
