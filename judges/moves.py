"""Finding the moves in what a supporter says: which, how strongly, and in which sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.distress import speaks_of_self_harm
from core.transcript import Role, Transcript
from judges.clauses import Clause, Sentence, plain
from judges.lexicon import PhraseGroup, form, phrases
from judges.paraphrase import Told, content, shared, told
from judges.questions import Asked, question, stated


class Move(StrEnum):
    """Something a supporter does with a sentence; the names are those of `lexicon/moves.yaml`."""

    INVITATION = "invitation"
    OFFER = "offer"
    ASKED_FEELING = "asked_feeling"
    ASKED_STORY = "asked_story"
    ASKED_CHECK = "asked_check"
    ASKED_CLOSED_FEELING = "asked_closed_feeling"
    ASKED_FACT = "asked_fact"
    ASKED_CLOSED = "asked_closed"
    SYMPATHY = "sympathy"
    SITUATION = "situation"
    NAMING = "naming"
    LEGITIMISE = "legitimise"
    STOCK = "stock"
    PARAPHRASE = "paraphrase"
    AVAILABILITY = "availability"
    AFFIRMATION = "affirmation"
    REASSURANCE = "reassurance"
    ADVICE = "advice"
    PERMISSION = "permission"
    SELF_STORY = "self_story"
    DONT_FEEL = "dont_feel"
    BRIGHT_SIDE = "bright_side"
    MINIMISE = "minimise"
    BLAME = "blame"


_QUESTIONS = {
    Asked.FEELING: Move.ASKED_FEELING,
    Asked.STORY: Move.ASKED_STORY,
    Asked.CHECK: Move.ASKED_CHECK,
    Asked.CLOSED_FEELING: Move.ASKED_CLOSED_FEELING,
    Asked.FACT: Move.ASKED_FACT,
    Asked.CLOSED: Move.ASKED_CLOSED,
}
_DENIABLE = {Move.ADVICE, Move.DONT_FEEL, Move.BRIGHT_SIDE, Move.MINIMISE, Move.BLAME, Move.REASSURANCE}
_NO_QUESTION = {Move.OFFER, Move.PERMISSION, Move.DONT_FEEL, Move.BLAME}
"""Moves whose question is counted as that move alone."""
_ADVISING = 0.5
"""A question that weighs this much as advice is advice with a question mark."""
_FORWARD = _DENIABLE | {Move.SELF_STORY, Move.AFFIRMATION}
"""Moves whose sentence goes somewhere else than back to what was told."""
_ACKNOWLEDGING = {Move.NAMING, Move.SITUATION, Move.LEGITIMISE}
"""Moves that a "not" right behind the phrase voids as well: "your feelings are not …"."""
_REACH_WORDS = 2
"""How many words before a phrase a "not" still voids it."""
_REFLECTED = 2
"""So many content words after "it sounds like you …" give something back, though none of them was the seeker's."""
_IN_FRESH_WORDS = 0.5
_PARTICULARS = 3
"""So many content words make an acknowledgement particular to the situation."""


@dataclass(frozen=True, slots=True)
class Found:
    """One move in one sentence."""

    move: Move
    weight: float
    """How much it says, from 0 to 1; for a paraphrase how much comes back."""
    message: int
    """Place of its message among the supporter's, from 0."""
    quote: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the supporter, with what the seeker had told by then."""

    text: str
    heard: Told
    is_advice_welcome: bool
    """Whether the seeker has just asked for advice, or agreed to hear some."""


def supporter_lines(transcript: Transcript) -> list[Line]:
    """The supporter's messages in order."""
    lines: list[Line] = []
    heard, is_welcome, has_asked_leave = Told(), False, False
    for message in transcript.messages:
        if message.role is Role.SEEKER:
            heard = heard | told(message.text)
            is_welcome = _welcomes_advice(plain(message.text), after_leave_asked=has_asked_leave)
        elif message.role is Role.SUPPORTER:
            lines.append(Line(text=message.text, heard=heard, is_advice_welcome=is_welcome))
            has_asked_leave = _asks_leave(message.text)
    return lines


def find_moves(sentences: Sequence[Sentence], lines: Sequence[Line]) -> list[Found]:
    """Every move in `sentences`, which are those of `lines`."""
    found = [move for sentence in sentences for move in _moves_of(sentence, lines[sentence.message])]
    return [_returned(move, found) if move.move is Move.SELF_STORY else move for move in found]


_WHEN_WELCOME = 0.25
"""What is left of advice that the seeker has asked for: it no longer counts as unasked, but listening has ended."""
_WHEN_RETURNED = 0.6
"""What is left of a story of one's own after which the same message turns back to the seeker."""
_TURNS_BACK = {
    *(Move.INVITATION, Move.ASKED_FEELING, Move.ASKED_STORY, Move.ASKED_FACT, Move.ASKED_CLOSED),
    *(Move.ASKED_CLOSED_FEELING, Move.NAMING, Move.LEGITIMISE, Move.PARAPHRASE),
}


def _returned(story: Found, found: Sequence[Found]) -> Found:
    after = found[found.index(story) + 1 :]
    if any(move.message == story.message and move.move in _TURNS_BACK and move.quote != story.quote for move in after):
        return replace(story, weight=story.weight * _WHEN_RETURNED)
    return story


def _moves_of(sentence: Sentence, line: Line) -> list[Found]:
    asked = question(sentence)
    weights = _phrase_weights(sentence, asks=asked is not None)
    if speaks_of_self_harm(sentence.text) and form("speaks_of_oneself").search(sentence.plain):
        weights[Move.SELF_STORY] = 1.0
    if Move.PERMISSION in weights:
        weights.pop(Move.ADVICE, None)
    if line.is_advice_welcome and Move.ADVICE in weights:
        weights[Move.ADVICE] *= _WHEN_WELCOME
    acknowledges = bool(weights.keys() & _ACKNOWLEDGING)
    is_advice = weights.get(Move.ADVICE, 0.0) >= _ADVISING
    if asked is not None and not is_advice and not weights.keys() & _NO_QUESTION:
        weights[_QUESTIONS[asked]] = 1.0
    if not weights.keys() & _FORWARD and (back := _given_back(sentence, line, asked=asked, acknowledges=acknowledges)):
        weights[Move.PARAPHRASE] = back
    return [Found(move, weight, message=sentence.message, quote=sentence.text) for move, weight in weights.items()]


def _phrase_weights(sentence: Sentence, *, asks: bool) -> dict[Move, float]:
    weights: dict[Move, float] = {}
    denied = False
    for clause in sentence.clauses:
        denial = phrases().denial.search(clause.plain)
        for group in phrases().groups:
            move = Move(group.move)
            if (group.only_stated and asks) or (move in _DENIABLE and denied and clause.goes_on):
                continue
            if _makes(group, clause, denied_from=denial.start() if denial and move in _DENIABLE else None):
                weights[move] = max(weights.get(move, 0.0), group.weight)
        denied = denial is not None or (denied and clause.goes_on)
    return weights


def _makes(group: PhraseGroup, clause: Clause, *, denied_from: int | None) -> bool:
    if group.unless and group.unless.search(clause.plain):
        return False
    for match in group.phrases.finditer(clause.plain):
        if denied_from is not None and match.start() > denied_from:
            return False
        if group.move == Move.ADVICE and phrases().not_advice.search(clause.plain):
            return False
        if group.is_negated or not _is_negated(clause.plain, match, move=Move(group.move)):
            return True
    return False


def _is_negated(text: str, match: re.Match[str], *, move: Move) -> bool:
    if move in _ACKNOWLEDGING and not match.group().endswith(" to") and text[match.end() :].startswith(" not "):
        return True
    before = " ".join(text[: match.start()].split()[-_REACH_WORDS:])
    return bool(form("negation").search(f"{before} {match.group()}"))


def _given_back(sentence: Sentence, line: Line, *, asked: Asked | None, acknowledges: bool) -> float:
    """How much of what was told a sentence gives back, 0 to 1; 0 for questions and for sentences not about them.

    Words of the seeker that come back count, feelings by family; so does naming what is hard about a situation with
    particulars of one's own, since fresh words show understanding better than an echo.
    """
    if asked is None and sentence.has_question_mark:
        return 0.0
    said = stated(sentence)
    if not form("about_them").search(said) or form("appraising").search(said):
        return 0.0
    stems, feelings = shared(line.heard, said)
    substance = len(stems) + len(feelings)
    if form("lead_in").search(said) and (substance or acknowledges):
        return min(1.0, 0.5 + 0.25 * substance)
    if form("reflects").search(said) and len(content(said).stems) >= _REFLECTED:
        return _IN_FRESH_WORDS
    if acknowledges and len(content(said).stems) >= _PARTICULARS:
        return min(1.0, 0.4 + 0.2 * substance)
    return min(1.0, 0.25 * (substance - 1)) if substance > 1 else 0.0


def _welcomes_advice(said: str, *, after_leave_asked: bool) -> bool:
    if form("declines_advice").search(said):
        return False
    return bool(form("asks_for_advice").search(said) or (after_leave_asked and form("agrees").search(said)))


def _asks_leave(message: str) -> bool:
    said = plain(message)
    return any(group.phrases.search(said) for group in phrases().groups if group.move == Move.PERMISSION)
