"""A reply in the making: up to three sentences, none of which was said before in the conversation."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from core.sentences import sentences
from core.shipped import shipped_yaml
from core.transcript import Message, Role
from personas.feelings import ALL_FEELINGS
from personas.persona import Persona
from personas.role_check import MOST_SENTENCES
from personas.words import bare


@cache
def seeker_lines() -> Mapping[str, tuple[str, ...]]:
    """What any persona may say, by occasion."""
    raw = shipped_yaml("personas", "seeker_lines.yaml")
    return {occasion: tuple(lines) for occasion, lines in raw.items()}


_TELLING = 24
"""Letters from which on a sentence is looked for inside longer ones, in case a splitter has joined two."""


class Draft:
    """Collects sentences; refuses what was said before, and whatever comes after the third.

    `seed` is made of everything said so far, so that the same conversation always brings the same reply and another
    one brings other words.
    """

    def __init__(self, persona: Persona, messages: Sequence[Message], *, begun: str = "") -> None:
        self.seed = zlib.crc32("\n".join(message.text for message in messages).encode())
        self._persona = persona
        seeker = [message.text for message in messages if message.role is Role.SEEKER]
        self._said = {bare(sentence) for text in seeker for sentence in sentences(text)}
        self._all_said = "|".join(map(bare, seeker))
        self._sentences: list[str] = []
        self._room = MOST_SENTENCES - len(sentences(begun))
        self._said |= {bare(sentence) for sentence in sentences(begun)}

    @property
    def room(self) -> int:
        """How many sentences still fit."""
        return self._room - len(self._sentences)

    @property
    def needs_more(self) -> bool:
        """Whether the reply has fewer sentences than it must have."""
        return self.room > 0 and len(sentences(" ".join(self._sentences))) < self._room - 1

    @property
    def is_empty(self) -> bool:
        return not self._sentences

    def is_said(self, sentence: str) -> bool:
        """Whether the sentence stands in the conversation or in this draft."""
        plain = bare(sentence)
        return plain in self._said or (len(plain) >= _TELLING and plain in self._all_said)

    def fresh(self, options: Iterable[str]) -> list[str]:
        """The options that have not been said yet, in their order."""
        return [option for option in options if not self.is_said(option)]

    def add(self, options: Iterable[str]) -> bool:
        """Take the first option not said yet; False when there is none or no room."""
        fresh = self.fresh(options)
        if not fresh or self.room <= 0:
            return False
        self._sentences.append(fresh[0])
        self._said.add(bare(fresh[0]))
        return True

    def react(self, occasion: str, **slots: str) -> bool:
        """Take a line for an occasion, another one in every conversation."""
        return self.add(self._filled(occasion, slots))

    def _filled(self, occasion: str, slots: Mapping[str, str]) -> Iterable[str]:
        own = self._persona.feelings[self.seed % min(4, len(self._persona.feelings))]
        known = {"own": own, "name": self._persona.name, **slots}
        known |= {key.capitalize(): text.capitalize() for key, text in known.items()}
        lines = seeker_lines()[occasion]
        turn = self.seed % len(lines)
        return [line.format(**known) for line in (*lines[turn:], *lines[:turn]) if not self._is_used(line)]

    def _is_used(self, template: str) -> bool:
        """Whether a line about feelings was said with another feeling in it."""
        if "eeling}" not in template:
            return False
        return any(
            self.is_said(template.format(feeling=feeling, Feeling=feeling, own=own))
            for feeling in ALL_FEELINGS
            for own in self._persona.feelings[:4]
        )

    def text(self) -> str:
        """The reply; filled up to two sentences from the store of small lines that fit anywhere."""
        while self.needs_more:
            if not (self.react("spent") or self.add(self._persona.safe_lines) or self.add(self._fillers())):
                self._sentences.append(self._persona.safe_lines[self.seed % len(self._persona.safe_lines)])
        return " ".join(self._sentences)

    def _fillers(self) -> list[str]:
        """Hundreds of small sentences, for conversations in which everything else has been said."""
        starts, ends = seeker_lines()["filler_starts"], seeker_lines()["filler_ends"]
        made = [
            f"{start}, {end.format(own=feeling)}."
            for end in ends
            for start in starts
            for feeling in (self._persona.feelings if "{own}" in end else ("",))
        ]
        random.Random(self.seed).shuffle(made)  # noqa: S311 - an order, not a secret
        return made
