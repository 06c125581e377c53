"""The rules coach's sentences: a file of wordings with slots, read strictly."""

from __future__ import annotations

import string
import zlib
from functools import cache
from typing import Annotated

from pydantic import Field, model_validator

from coach.move_patterns import Move
from core.located import LocatedYaml
from core.shipped import shipped_text
from core.strict import Strict, Text, Texts

OTHER_STRENGTHS = (
    "open_invitation",
    "wish_to_help",
    "wish_to_comfort",
    "wish_to_share",
    "interest",
    "understanding_said",
)


class Staying(Strict):
    """What is said when no line can be praised."""

    one: Text
    many: Text


class Wordings(Strict):
    """Better lines, by what the partner's message gives to work with."""

    reflection_and_feeling: Texts
    reflection: Texts
    feeling: Texts
    nothing: Texts


class Phrases(Strict):
    """The file."""

    version: Text
    strengths: dict[Text, Texts]
    staying: Staying
    missed: Texts
    missed_without_fragment: Texts
    room_left: Texts
    room_left_without_fragment: Texts
    better: Texts
    further: Texts
    reasons: Texts
    reasons_after_advice: Texts
    reasons_and_advice: Texts
    encouragements: dict[Text, Texts]
    wordings: Wordings
    questions: Annotated[tuple[Text, ...], Field(min_length=2)]
    answers: dict[Text, Texts]

    @model_validator(mode="after")
    def _every_strength_has_words(self) -> Phrases:
        wanted = [move.value for move in Move if move in _PRAISED] + list(OTHER_STRENGTHS)
        if missing := [name for name in wanted if name not in self.strengths]:
            raise ValueError(f"`strengths` lacks {', '.join(missing)}")
        if "other" not in self.encouragements:
            raise ValueError("`encouragements` lacks other")
        return self


_PRAISED = tuple(Move)[: tuple(Move).index(Move.ADVICE)]


def read_phrases(text: str, *, file: str) -> Phrases:
    """The phrases in `text`, which stands in `file`; raises `Faults`."""
    return LocatedYaml(text, file=file).read_as(Phrases)


@cache
def phrases() -> Phrases:
    """The phrases that ship."""
    return read_phrases(shipped_text("coach", "phrases.yaml"), file="coach/phrases.yaml")


def pick(options: tuple[str, ...], seed: str) -> str:
    """One of `options`, always the same for the same `seed`."""
    return options[zlib.crc32(seed.encode()) % len(options)]


def slots_of(template: str) -> set[str]:
    """The names of the slots in `template`."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def capitalised(text: str) -> str:
    """`text` with its first letter in upper case."""
    return text[:1].upper() + text[1:]
