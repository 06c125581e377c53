"""Reading what a supporter did, sentence by sentence, beside what the seeker had just said.

A modest reading of wordings for the rules coach and for the point about advice; the judges have their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coach.feelings import HARD, feelings_in, plain
from coach.move_patterns import (
    FIRST_PERSON_FEELING,
    HELPFUL,
    HINDERING,
    PATTERNS,
    PLAIN_REFLECTION,
    QUESTION_START,
    REFLECTION,
    TAG,
    Move,
)
from core.sentences import sentences
from core.transcript import Role, Transcript
from core.words import stem

_CLAUSE = re.compile(r"[,;:]\s+|\s+(?:-|–|—)+\s+|\s+(?=but |though )|\.{2,}\s*")
_SHORTEST_CLAUSE = 3
_COMMON_WORDS = (
    "all and any are but can did for get got had has her him his how its let may not now one our out own say "
    "see she the too try two was way who why yes yet you about actually after again also always anything "
    "because been before being could does doing even every everything feel feeling feels from getting give "
    "goes going good have having hear help here into just know like likely lately makes making many maybe "
    "might more most much must need never only other over really right seem should some someone something "
    "sometimes sorry sound sounds still sure take tell than that them then there these they thing things think "
    "this those time today tough very want well were what when where which while will with would yeah your "
    "you're you've it's i'm that's"
)
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Moment:
    """One sentence, or clause of a sentence, that the supporter wrote."""

    message: int
    """Index into `Transcript.messages`, from 0."""
    span: str
    """Stands letter for letter in that message."""
    moves: frozenset[Move]
    partner: str
    """What the seeker had last said before it; empty at the start."""

    @property
    def helpful(self) -> tuple[Move, ...]:
        """The moves that help, best first."""
        return tuple(move for move in HELPFUL if move in self.moves)

    @property
    def hindering(self) -> tuple[Move, ...]:
        """The moves that get in the way, what hinders most first."""
        return tuple(move for move in HINDERING if move in self.moves)


def read_moments(transcript: Transcript) -> tuple[Moment, ...]:
    """The supporter's sentences in order, with the moves in each; advice that was asked for or agreed to is none."""
    found: list[Moment] = []
    partner, asked, welcome = "", False, False
    for index, message in enumerate(transcript.messages):
        if message.role is Role.SEEKER:
            welcome = (welcome and not _DECLINES.search(plain(message.text))) or _welcomes_advice(
                message.text, asked=asked
            )
            partner, asked = message.text, False
        elif message.role is Role.SUPPORTER:
            moments = [m for line in message.text.splitlines() for m in _of_line(line, message=index, partner=partner)]
            asked = asked or any(Move.ASKED_PERMISSION in moment.moves for moment in moments)
            found += [_without_advice(m) for m in moments] if welcome else moments
    return tuple(found)


def advice_was_given(transcript: Transcript) -> bool:
    """Whether the supporter gave advice that the seeker had neither asked for nor agreed to."""
    return any(Move.ADVICE in moment.moves for moment in read_moments(transcript))


def moves_in(text: str, *, partner: str) -> frozenset[Move]:
    """The moves in one sentence of the supporter's, said in answer to `partner`."""
    lower = plain(text)
    if TAG.match(lower):
        return frozenset()
    found = {move for move, pattern in PATTERNS.items() if pattern.search(lower)}
    is_question = text.rstrip().endswith("?") or _is_unmarked_question(lower)
    _settle_questions(found, lower, is_question=is_question)
    feelings = [f for f in feelings_in(_stated(text), own=False) if f not in _said_of_things(lower)]
    steers_away = bool(found & {Move.ADVICE, Move.SELF, Move.MINIMISE, Move.CRITICISM})
    if feelings and not steers_away and _about_the_partner(lower):
        found.add(Move.NAMED_FEELING)
    if not steers_away and _gives_back(lower, partner, is_question):
        found.add(Move.PARAPHRASED)
    if found & {Move.VALIDATED, Move.PARAPHRASED, Move.NAMED_FEELING, Move.ACKNOWLEDGED}:
        found.discard(Move.BARE_UNDERSTANDING)
    return frozenset(found)


def _stated(text: str) -> str:
    """What a sentence says beside what it asks openly: "what are you afraid of?" puts no feeling into words."""
    return "\n".join(part for part in clauses(text) if not _ASKS_OPENLY.search(plain(part)))


_ASKS_OPENLY = re.compile(
    r"^(?:(?:and|so|but|oh|then) )*(?:what|how|why|which|who|when|where)\b[^?]*\?|^(?:can|could) you tell|^tell me"
)


def _is_unmarked_question(lower: str) -> bool:
    return bool(QUESTION_START.search(lower)) and len(lower.split()) > 2 and "," not in lower


def content_words(text: str, *, shortest: int = 4) -> set[str]:
    """The stems of the words of at least `shortest` letters that carry the meaning of `text`."""
    words = [word for word in re.findall(r"[a-z']+", plain(text)) if len(word) >= shortest and word not in _COMMON]
    return {stem(word) for word in words}


_DECLINES = re.compile(r"\b(?:just (?:need|want|looking)|not (?:ready|looking|now)|rather (?:not|talk)|prefer)\b")
_CONSENTS = re.compile(
    r"\b(?:yes|sure|please|go ahead|yeah|of course|okay|ok|i'd (?:like|love|appreciate) (?:that|some|your|any))\b"
)
_ASKS_FOR_ADVICE = re.compile(
    r"\b(?:what (?:should|would|do you think) (?:i|you) (?:do|should do|suggest)|what do you (?:think i should|suggest|"
    r"recommend)|any (?:advice|suggestions|ideas|tips)(?: for me)?\s*\?|can you (?:give|suggest|recommend)|"
    r"do you have any (?:advice|suggestions|ideas|tips)|what would you do)\b"
)


def _welcomes_advice(text: str, *, asked: bool) -> bool:
    lower = plain(text)
    if _ASKS_FOR_ADVICE.search(lower):
        return True
    return asked and bool(_CONSENTS.search(lower)) and not _DECLINES.search(lower)


def _of_line(line: str, *, message: int, partner: str) -> Iterator[Moment]:
    for sentence in sentences(line):
        whole = Moment(message, sentence, moves_in(sentence, partner=partner), partner)
        if whole.helpful and whole.hindering:
            parts = [Moment(message, c, moves_in(c, partner=partner), partner) for c in clauses(sentence)]
            if not any(part.helpful and part.hindering for part in parts) and any(p.helpful for p in parts):
                yield from parts
                continue
        yield whole


def clauses(sentence: str) -> list[str]:
    """The clauses of a sentence as they stand in it; one too short to stand alone stays with its neighbour."""
    parts: list[tuple[int, int]] = []
    start = 0
    for cut in [*(m.span() for m in _CLAUSE.finditer(sentence)), (len(sentence), len(sentence))]:
        if parts and len(sentence[start : cut[0]].split()) < _SHORTEST_CLAUSE:
            parts[-1] = (parts[-1][0], cut[0])
        elif len(sentence[start : cut[0]].split()) >= _SHORTEST_CLAUSE or cut[0] == len(sentence):
            parts.append((start, cut[0]))
        else:
            continue
        start = cut[1]
    return [sentence[a:b].strip() for a, b in parts if sentence[a:b].strip()]


def _settle_questions(found: set[Move], lower: str, *, is_question: bool) -> None:
    """Let one reading of a question stand: what it steers to counts before how it is built."""
    invites = re.search(r"\b(?:tell me|i(?:'d| would) (?:like|love) to hear|go on)\b", lower)
    if not is_question and not invites:
        found -= {Move.OPEN_QUESTION, Move.SOLVING, Move.CHECK_IN, Move.ASKED_PERMISSION}
        return
    if found & {Move.ASKED_PERMISSION}:
        found -= {Move.OPEN_QUESTION, Move.ADVICE, Move.SOLVING, Move.CLOSED_QUESTION}
    elif found & {Move.ADVICE, Move.SELF, Move.SOLVING, Move.PRESENCE, Move.CHECK_IN, Move.CRITICISM}:
        found.discard(Move.OPEN_QUESTION)
        if Move.ADVICE in found:
            found.discard(Move.SOLVING)
    elif Move.OPEN_QUESTION not in found and is_question:
        found.add(Move.CLOSED_QUESTION)


_CLAIMS_TO_KNOW = re.compile(r"\bi (?:totally |really )?know (?:how|what)\b")
_SAID_TO_THEM = re.compile(
    r"\b(?:you|your|you're|youre|u)\b|\bmust\b|"
    r"\b(?:that|it|this)(?:'s|s| is| was| must| sounds?| would| feels?| seems?| has| had| can)\b"
)


def _about_the_partner(lower: str) -> bool:
    """Whether a feeling in a sentence is put to the partner as theirs, rather than the supporter's own."""
    if _CLAIMS_TO_KNOW.search(lower):
        return False
    if FIRST_PERSON_FEELING.search(lower) and not re.search(r"\byou\b|\bthat must\b", lower):
        return False
    return not re.search(r"\b(?:us|we|our)\b", lower) and bool(_SAID_TO_THEM.search(lower))


def _said_of_things(lower: str) -> set[str]:
    """Words that name a feeling elsewhere and here only say how something is, or that nobody is alone."""
    found = (
        {"sad"} if re.search(r"\b(?:that|it)(?:'s| is|s)? (?:\w+ )?sad\b|\bsad to (?:know|hear)\b", lower) else set()
    )
    return found | ({"alone"} if re.search(r"\b(?:go|face|carry|do|be) [\w ]{0,16}alone\b", lower) else set())


_PARTICULARS = 3
_TELLS_OF_THEM = re.compile(
    r"^(?:(?:so|and|but|oh|yes|yeah|then|now|it's like|it's as if|it is like|as if) ?,? ?)*"
    r"(?:your \w+|(?:a |one |the )?(?:part|rest|half|some|bit) of you|you (?:keep|lost|never|still|had|have been|were|"
    r"worked|spent|gave|put|wanted|hoped|miss|wish|carry|wait|wake|lie|go on|thought|found|did not|didn't|can't))\b"
)
"""A plain statement about the other person's life: fresh words give it back as well as theirs do."""


def _gives_back(lower: str, partner: str, is_question: bool) -> bool:
    """Whether particulars of what the partner said come back in the sentence."""
    shared = content_words(lower) & content_words(partner)
    if REFLECTION.search(lower):
        return bool(shared) or bool(PLAIN_REFLECTION.search(lower))
    if not is_question and _TELLS_OF_THEM.search(lower) and len(content_words(lower)) >= _PARTICULARS:
        return True
    about_them = re.search(r"\b(?:you|your)\b", lower)
    return len(shared) >= (3 if is_question else 2) and bool(about_them) and not re.search(HARD + "er", lower)


def _without_advice(moment: Moment) -> Moment:
    return Moment(moment.message, moment.span, moment.moves - {Move.ADVICE, Move.SOLVING}, moment.partner)
