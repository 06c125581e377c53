"""What a supporter's message does: the moves that the rules seeker reacts to, read by hand-written patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from core.distress import speaks_of_self_harm
from core.sentences import sentences
from core.shipped import shipped_yaml
from core.words import straight
from personas.feelings import named_feelings
from personas.words import SMALL_STEMS, is_gibberish, is_other_language, stems

_REMEMBERED = 3
"""Messages of the seeker that a paraphrase may go back to."""
_ENOUGH_SHARED = 2
_ABOUT_THEM = frozenset({"you", "your", "youre", "youv", "that", "it"})


class Move(StrEnum):
    """Something a message does; one message may do several."""

    SELF_HARM = "self_harm"
    INJECTION = "injection"
    ASKS_IF_REAL = "asks_if_real"
    INSULT = "insult"
    GIBBERISH = "gibberish"
    OTHER_LANGUAGE = "other_language"
    PERMISSION = "permission"
    ADVICE = "advice"
    MINIMISING = "minimising"
    SELF_STORY = "self_story"
    VALIDATION = "validation"
    PARAPHRASE = "paraphrase"
    PRESENCE = "presence"
    SYMPATHY = "sympathy"
    PRAISE = "praise"
    OPEN_QUESTION = "open_question"
    CLOSED_QUESTION = "closed_question"
    OFF_TOPIC = "off_topic"
    GOODBYE = "goodbye"
    GREETING = "greeting"


@dataclass(frozen=True, slots=True)
class Reading:
    """One message of the supporter, read."""

    moves: frozenset[Move]
    feelings: tuple[str, ...]
    """Feelings it puts a name to, as adjectives, in order."""
    questions: tuple[str, ...]
    """Its sentences that ask something; `Why don't you rest?` asks nothing."""
    statements: tuple[str, ...]
    """Its other sentences."""


NOTHING_READ = Reading(moves=frozenset(), feelings=(), questions=(), statements=())

_APART = frozenset({Move.ADVICE, Move.MINIMISING, Move.OPEN_QUESTION, Move.CLOSED_QUESTION})
"""Moves that need more than a pattern."""


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """For each move, and for each mark of a question, one pattern that shows it."""
    raw = shipped_yaml("personas", "moves.yaml")
    steps = "(?:" + "|".join(raw.pop("steps").split()) + ")"
    clause = raw.pop("clause")
    return {
        name: re.compile(
            "|".join(f"(?:{pattern.replace('<step>', steps).replace('<clause>', clause)})" for pattern in patterns),
            re.IGNORECASE,
        )
        for name, patterns in raw.items()
    }


def _shows(name: str, text: str) -> bool:
    return _patterns()[name].search(text) is not None


def read_message(text: str, *, heard: tuple[str, ...]) -> Reading:
    """The moves of `text`; `heard` are the seeker's messages so far, whose words a paraphrase takes up."""
    plain = straight(text)
    parts = sentences(plain)
    questions = tuple(part for part in parts if _is_question(part) and not _shows("advice", part))
    statements = tuple(part for part in parts if part not in questions)
    checks = tuple(question for question in questions if _shows("checks", question))
    feelings = named_feelings("\n".join((*statements, *checks)))
    moves = {move for move in Move if move.value in _patterns() and move not in _APART and _shows(move.value, plain)}
    moves |= {_kind_of_question(question) for question in questions}
    if speaks_of_self_harm(plain):
        moves.add(Move.SELF_HARM)
    if is_gibberish(plain):
        moves.add(Move.GIBBERISH)
    elif is_other_language(plain):
        moves.add(Move.OTHER_LANGUAGE)
    if Move.PERMISSION not in moves and any(_advises(part, is_told=part in statements) for part in parts):
        moves.add(Move.ADVICE)
    if any(_shows(Move.MINIMISING, part) for part in parts if not _shows("reflects", part)):
        moves.add(Move.MINIMISING)
    if feelings and not moves & {Move.MINIMISING, Move.SELF_STORY, Move.INSULT}:
        moves.add(Move.VALIDATION)
    if _takes_up((*statements, *checks), heard):
        moves.add(Move.PARAPHRASE)
    feelings = feelings or named_feelings(
        "\n".join(q for q in questions if _kind_of_question(q) is Move.CLOSED_QUESTION)
    )
    return Reading(moves=frozenset(moves), feelings=feelings, questions=questions, statements=statements)


def _is_question(sentence: str) -> bool:
    if sentence.rstrip().endswith("?"):
        return not _shows("checks", sentence) or _shows("asks_within", sentence)
    asks = _patterns()["open_question"].match(sentence) is not None or _shows("asks_without_mark", sentence)
    return asks and not _shows("exclaims", sentence)


def _kind_of_question(question: str) -> Move:
    is_closed = _shows("closed_question", question) and not _shows("open_question", question)
    return Move.CLOSED_QUESTION if is_closed else Move.OPEN_QUESTION


def _advises(sentence: str, *, is_told: bool) -> bool:
    """Whether a sentence tells what to do; `stay positive` is a silver lining, and what is given back is neither."""
    if _shows("reflects", sentence) or _shows(Move.MINIMISING, sentence):
        return False
    return _shows("advice", sentence) or (is_told and _shows("advice_told", sentence))


def _takes_up(statements: tuple[str, ...], heard: tuple[str, ...]) -> bool:
    """Whether a statement about the seeker brings back at least two telling words of the seeker's last messages."""
    theirs = {stem for message in heard[-_REMEMBERED:] for stem in stems(message)} - SMALL_STEMS
    for statement in statements:
        is_other = any(_shows(name, statement) for name in ("advice", "advice_told", "minimising", "self_story"))
        if is_other and not _shows("reflects", statement):
            continue
        words = set(stems(statement))
        if words & _ABOUT_THEM and len(theirs & words) >= _ENOUGH_SHARED:
            return True
    return False
