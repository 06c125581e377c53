"""What the rules coach makes of a conversation: its best moment, the one to look at again, and three meters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from coach.feelings import feelings_in
from coach.moments import Moment, clauses, moves_in, read_moments
from coach.move_patterns import HELPFUL, HINDERING, Move
from coach.quotes import find_quote
from coach.subjects import Meters
from core.transcript import Role, Transcript

_MOST_QUOTED_WORDS = 24
_FEWEST_QUOTED_WORDS = 6
_MARKS = re.compile(r"[“”\"]")
_OPENING = re.compile(r"^[\s.,;:\-–—]*(?:(?:but|and|so),? (?=\S+ \S))?", re.IGNORECASE)
_ENDING = re.compile(r"[\s.,;:\-–—]+$")
_SMALL = ("and", "but", "so", "because", "or", "when", "while", "which", "that", "if", "though", "since", "until")
_WEIGHT = {
    Move.CRITICISM: 5.0,
    Move.ADVICE: 4.0,
    Move.MINIMISE: 4.0,
    Move.SELF: 3.5,
    Move.SOLVING: 2.5,
    Move.CLOSED_QUESTION: 2.0,
    Move.BARE_UNDERSTANDING: 1.5,
}
"""How much a moment of each kind asks to be looked at again; each feeling just spoken of adds a half."""
_MISSED_FEELING_WEIGHT = 2.0
MISSED_FEELING = "missed_feeling"
ROOM_LEFT = "room_left"


@dataclass(frozen=True, slots=True)
class Missed:
    """A moment worth looking at again, and what kind of moment it is."""

    moment: Moment
    kind: str
    """An id of the framework's things to avoid, or `room_left` when nothing went amiss."""
    weight: float

    @property
    def quote(self) -> str:
        """The line to quote, letter for letter."""
        return quotable(self.moment, move=Move(self.kind) if self.kind in tuple(Move) else None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A conversation as the rules coach sees it."""

    moments: tuple[Moment, ...]
    strengths: tuple[Moment, ...]
    """Moments with a move that helps, best first."""
    missed: tuple[Missed, ...]
    """Moments to look at again, what matters most first; never empty when the supporter wrote something."""
    advice_was_given: bool
    supporter_messages: int

    def count(self, *moves: Move) -> int:
        """How many messages hold at least one of `moves`."""
        return len({moment.message for moment in self.moments if moment.moves & set(moves)})


def read(transcript: Transcript) -> Reading:
    """The reading of `transcript`, in which the supporter wrote something."""
    moments = tuple(m for m in read_moments(transcript) if find_quote(quotable(m), transcript))
    helpful = [moment for moment in moments if moment.helpful]
    strengths = sorted(helpful, key=lambda m: (HELPFUL.index(m.helpful[0]), bool(m.hindering), m.message))
    return Reading(
        moments=moments,
        strengths=tuple(m for m in strengths if not set(m.hindering) & {Move.CRITICISM, Move.MINIMISE}),
        missed=_missed(transcript, moments),
        advice_was_given=any(Move.ADVICE in moment.moves for moment in moments),
        supporter_messages=sum(bool(text.strip()) for text in transcript.of(Role.SUPPORTER)),
    )


def quotable(moment: Moment, *, move: Move | None = None) -> str:
    """The part of a moment to quote, letter for letter and without marks at its ends.

    A sentence that is long, or that does something else beside `move`, gives the clause in which `move` stands.
    """
    span = moment.span
    if move and move in HELPFUL and moment.hindering:
        span = _part_with(move, re.split(r"[,;.!?]+ ", span), moment) or span
    if len(span.split()) > _MOST_QUOTED_WORDS or _MARKS.search(span):
        parts = [part for whole in clauses(span) for part in _MARKS.split(whole) if len(part.split()) > 1] or [span]
        span = (_part_with(move, parts, moment) if move else None) or parts[0]
    if _MARKS.search(span):
        span = max(_MARKS.split(span), key=len)
    return _trimmed(_cut(span)) or moment.span.strip()


def _part_with(move: Move, parts: list[str], moment: Moment) -> str | None:
    """The first part that holds `move` and, if `move` helps, nothing that hinders."""
    for part in parts:
        moves = moves_in(part, partner=moment.partner)
        if move in moves and not (move in HELPFUL and moves & set(HINDERING)):
            return part
    return None


def _cut(span: str) -> str:
    """`span` cut to what can be quoted, before a small word where that leaves enough."""
    words = list(re.finditer(r"\S+", span))
    if len(words) <= _MOST_QUOTED_WORDS:
        return span
    head = words[:_MOST_QUOTED_WORDS]
    breaks = [
        i
        for i, word in enumerate(head)
        if i >= _FEWEST_QUOTED_WORDS and (word.group().lower() in _SMALL or head[i - 1].group()[-1] in ",;")
    ]
    return span[: (head[breaks[-1] - 1] if breaks else head[-1]).end()]


def _trimmed(span: str) -> str:
    return _OPENING.sub("", _ENDING.sub("", span.strip()))


def meters_of(reading: Reading) -> Meters:
    """The three meters: how much of each move there is per message, from 1 (none) to 10 (in most messages).

    Each message counts once, with the strongest move it holds; what works against a move takes a little away. At least
    three messages are assumed, so that one good line alone is not a ten. No study score goes in or comes out (C-3).
    """
    validating = _sum(
        reading,
        {Move.NAMED_FEELING: 1.0, Move.VALIDATED: 1.0, Move.ACKNOWLEDGED: 0.6, Move.CONDOLED: 0.45, Move.PRESENCE: 0.2},
    )
    against = _sum(reading, {Move.MINIMISE: 0.4, Move.CRITICISM: 0.6})
    asking = _sum(
        reading,
        {
            Move.OPEN_QUESTION: 1.0,
            Move.ASKED_PERMISSION: 0.6,
            Move.CHECK_IN: 0.35,
            Move.CLOSED_QUESTION: 0.25,
            Move.SOLVING: 0.15,
        },
    )
    steering = _sum(reading, {Move.ADVICE: 0.2, Move.SELF: 0.15})
    giving_back = _sum(
        reading,
        {
            Move.PARAPHRASED: 1.0,
            Move.NAMED_FEELING: 0.6,
            Move.VALIDATED: 0.3,
            Move.ACKNOWLEDGED: 0.25,
            Move.BARE_UNDERSTANDING: 0.15,
        },
    )
    n = max(3, reading.supporter_messages)
    return Meters(
        validating=_meter((validating - against) / n),
        elaboration=_meter((asking - steering) / n),
        understanding=_meter((giving_back - steering - against / 2) / n),
    )


def _meter(share: float) -> int:
    """A share of messages as a meter; two messages in three are enough for a ten."""
    return 1 + round(9 * min(1.0, max(0.0, share) * 1.5))


def _sum(reading: Reading, weights: dict[Move, float]) -> float:
    best: dict[int, float] = {}
    for moment in reading.moments:
        weight = max((weights[move] for move in moment.moves if move in weights), default=0.0)
        best[moment.message] = max(best.get(moment.message, 0.0), weight)
    return sum(best.values())


def _missed(transcript: Transcript, moments: tuple[Moment, ...]) -> tuple[Missed, ...]:
    found = [
        Missed(moment, moment.hindering[0].value, _weight(moment, moments))
        for moment in moments
        if moment.hindering
        and not _is_better_than_it_reads(moment, beside=[m for m in moments if m.message == moment.message])
    ]
    found += [Missed(m, MISSED_FEELING, _MISSED_FEELING_WEIGHT + _urgency(m.partner)) for m in _untouched(moments)]
    if not found:
        found = [Missed(moment, ROOM_LEFT, _urgency(moment.partner)) for moment in moments if moment.partner] or [
            Missed(moment, ROOM_LEFT, 0.0) for moment in moments
        ]
    return tuple(sorted(found, key=lambda missed: -missed.weight))


def _weight(moment: Moment, moments: tuple[Moment, ...]) -> float:
    """How much a moment that hinders asks to be looked at: less where the same message also met the feeling."""
    kind = moment.hindering[0]
    met = {Move.NAMED_FEELING, Move.VALIDATED, Move.ACKNOWLEDGED, Move.CONDOLED}
    is_softened = any(m.moves & met for m in moments if m.message == moment.message)
    return _WEIGHT[kind] + _urgency(moment.partner) - (0.5 if is_softened else 0.0)


def _is_better_than_it_reads(moment: Moment, *, beside: list[Moment]) -> bool:
    """Whether a closed question or a bare "I understand" is made good by what stands in it or beside it."""
    if not set(moment.hindering) <= {Move.CLOSED_QUESTION, Move.BARE_UNDERSTANDING}:
        return False
    carried = {Move.NAMED_FEELING, Move.PARAPHRASED, Move.VALIDATED, Move.OPEN_QUESTION}
    return bool(moment.moves & {*carried, Move.PRESENCE}) or any(m.moves & carried for m in beside)


def _untouched(moments: Iterable[Moment]) -> list[Moment]:
    """The first sentence of each message that answers a feeling with nothing that helps or hinders in a known way."""
    by_message: dict[int, list[Moment]] = {}
    for moment in moments:
        by_message.setdefault(moment.message, []).append(moment)
    return [
        replace(said[0], moves=frozenset())
        for said in by_message.values()
        if feelings_in(said[0].partner) and not any(moment.moves for moment in said)
    ]


def _urgency(partner: str) -> float:
    return 0.5 * min(3, len(feelings_in(partner)))
