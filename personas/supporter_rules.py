"""The rules supporter: a simulated member of the public whose every message is drawn by skill and seed."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Mapping, Sequence
from functools import cache

from core.sentences import sentences
from core.shipped import shipped_yaml
from core.transcript import Role
from core.words import straight
from personas.feelings import PLEASANT, feelings_in
from personas.supporters import SupporterSubject
from personas.words import words_of

_GOOD = {"validate": 5.0, "paraphrase": 5.0, "presence": 2.0, "sympathy": 1.0}
_POOR = {"advise": 6.0, "minimise": 4.0, "self": 2.0, "praise": 1.0, "sympathy": 2.0, "filler": 2.0}
_WORKPLACE = re.compile(r"\b(?:job|work|boss|manager|promotion|team|company|career|code|colleague)", re.IGNORECASE)
_NOT_OFFERED = PLEASANT | {"lost"}
"""`I lost my job` is no feeling."""
_CASUAL_BELOW = 0.5
_TELLING = 7
_LONGEST_CLAUSE = 22
"""Words of the seeker's that a supporter gives back at once."""

_EXCHANGED = {
    "i": "you", "i'm": "you're", "i've": "you've", "i'd": "you'd", "i'll": "you'll", "me": "you", "my": "your",
    "mine": "yours", "myself": "yourself", "am": "are", "you": "I", "your": "my", "you're": "I'm", "we": "you",
    "our": "your", "us": "you", "we're": "you're", "we've": "you've",
}  # fmt: skip
_AFTERWARDS = (
    (re.compile(r"(?<!for )(?<!to )(?<!of )\byou was\b"), "you were"),
    (re.compile(r"\bwas you\b"), "were you"),
    (re.compile(r"\byou wasn't\b"), "you weren't"),
)
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_LEAD_IN = re.compile(
    r"^(?:(?:yes|yeah|well|so|and|but|honestly|oh|still|also|then|mostly|i guess|i know|it's that|right now|"
    r"to be honest)\b[, ]*)+",
    re.IGNORECASE,
)


def supporter_says(subject: SupporterSubject) -> str:
    """The next message of a simulated supporter: one to three sentences; the same subject always gives the same."""
    heard = "\n".join(message.text for message in subject.messages)
    chance = random.Random(subject.seed ^ zlib.crc32(heard.encode()))  # noqa: S311 - simulated people, not secrets
    return _Turn(subject, chance).text()


class _Turn:
    def __init__(self, subject: SupporterSubject, chance: random.Random) -> None:
        self._skill = subject.skill
        self._chance = chance
        self._said = [message.text for message in subject.messages if message.role is Role.SUPPORTER]
        self._heard = [message.text for message in subject.messages if message.role is Role.SEEKER]
        self._kind = "workplace" if self._heard and _WORKPLACE.search(self._heard[0]) else "personal"

    def text(self) -> str:
        sentences_wanted = self._chance.choices((1, 2, 3), weights=(3 - 2 * self._skill, 4, 1 + 2 * self._skill))[0]
        moves = [self._move() for _ in range(sentences_wanted - 1)] or [self._move()]
        if sentences_wanted > 1:
            moves.append(self._question() if self._chance.random() < 0.35 + 0.35 * self._skill else self._move())
        said: list[str] = []
        for move in dict.fromkeys(moves):
            if (line := self._line(move)) and line not in said:
                said.append(line)
        return self._typed(" ".join(said or [self._line("filler") or "I see."]))

    def _move(self) -> str:
        moves = _GOOD if self._chance.random() < self._skill else _POOR
        return self._chance.choices(list(moves), weights=list(moves.values()))[0]

    def _question(self) -> str:
        return "open" if self._chance.random() < self._skill else "closed"

    def _line(self, move: str) -> str | None:
        """A line for a move, rather one that this supporter has not used yet; None where it needs words not there."""
        lines = _lines()
        options = [*lines[move], *lines.get(f"{move}_{self._kind}", ())]
        earlier = " ".join(self._said)
        fresh = [option for option in options if option.split("{")[0].rstrip(" .,") not in earlier] or options
        self._chance.shuffle(fresh)
        feeling, clause = self._feeling(), self._clause()
        for option in fresh:
            if ("{feeling}" in option and feeling is None) or ("{said}" in option and clause is None):
                continue
            return option.format(feeling=feeling, said=clause)
        return None

    def _feeling(self) -> str | None:
        named = [f for text in self._heard[-2:] for f in feelings_in(text) if f not in _NOT_OFFERED]
        return self._chance.choice(named) if named else None

    def _clause(self) -> str | None:
        """Something the seeker has just said, seen from the other side."""
        last = self._heard[-1:] or [""]
        clauses = [
            given
            for sentence in sentences(straight(last[0]))
            if (given := given_back(sentence)) and 4 <= len(given.split()) <= _LONGEST_CLAUSE
        ]
        telling = [clause for clause in clauses if len(clause.split()) > _TELLING] or clauses
        return self._chance.choice(telling) if telling else None

    def _typed(self, text: str) -> str:
        """As people type: the less practised now and then without capitals or stops."""
        if self._skill < _CASUAL_BELOW and self._chance.random() < 0.3:
            text = text.lower()
        if self._skill < _CASUAL_BELOW and self._chance.random() < 0.25:
            text = text.replace("'", "")
        if self._chance.random() < 0.15:
            text = text.rstrip(".")
        return text


def given_back(sentence: str) -> str | None:
    """A statement of the seeker's with I and you exchanged, to stand within a sentence; None where that fails."""
    plain = _LEAD_IN.sub("", sentence.strip()).rstrip(".!… ")
    words = plain.split()
    if not words or words[0].casefold().rstrip(",") not in _OPENERS or _CANNOT.search(plain):
        return None
    plain = _WORD.sub(lambda match: _EXCHANGED.get(match.group().casefold(), match.group()), plain)
    for pattern, other in _AFTERWARDS:
        plain = pattern.sub(other, plain)
    return plain[0].lower() + plain[1:]


_CANNOT = re.compile(r"[?\"]|\.\.|\byou(?:r|'re)?\b|\bthe word\b|\bthat's it\b", re.IGNORECASE)
_OPENERS = words_of(
    """i i'm i've i'd my it it's the a an there there's this he he's she she's his her everyone everybody nobody people
    some one part under most when in at on by what sometimes after since as last next being having even not no every
    nothing half losing"""
)


@cache
def _lines() -> Mapping[str, Sequence[str]]:
    raw = shipped_yaml("personas", "supporter_lines.yaml")
    return {move: tuple(lines) for move, lines in raw.items()}
