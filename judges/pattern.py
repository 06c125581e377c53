"""From moves to scores: how often, how strongly and in how much of the conversation a supporter does what is rated.

Weights and steps were set by hand from the definitions in `core.dimensions`, with 25 expert-rated conversations in
view; none was fitted by a program. Setting the four steps of a dimension anew on 24 of them and scoring the one left
out gives, in contract order, a mean kappa with single experts of .61 .48 .26 .71 .68 .57, where the steps below give
.68 .49 .52 .70 .81 .67 (`tests/judges/test_judge_left_out.py`). The first row is the more honest guess for
conversations that were not in view.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from core.dimensions import Dimension
from judges.moves import Found, Move

TYPICAL_MESSAGES = 6
"""A supporter's messages in a conversation of four minutes; a longer one needs more of a move for the same score."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """How one dimension is read from moves."""

    moves: Mapping[Move, float]
    """Which moves count, and for how much."""
    most_per_message: float
    """One message that says the same five times is not five times as much."""
    steps: tuple[float, float, float, float]
    """The amount from which the score is 2, 3, 4 and 5, in moves per conversation of typical length."""
    found: str
    """How the reason names what was counted."""
    clear_at: float | None = None
    """A sentence of this weight lifts the score above the lowest, however long the conversation; None: none does."""


WEIGHINGS: Mapping[Dimension, Weighing] = {
    Dimension.ENCOURAGING_ELABORATION: Weighing(
        moves={
            Move.ASKED_FEELING: 1.2,
            Move.INVITATION: 1.0,
            Move.ASKED_STORY: 1.0,
            Move.ASKED_CLOSED_FEELING: 0.8,
            Move.ASKED_FACT: 0.7,
            Move.ASKED_CLOSED: 0.6,
            Move.PERMISSION: 0.5,
            Move.ASKED_CHECK: 0.4,
            Move.OFFER: 1.0,
        },
        most_per_message=1.5,
        steps=(0.5, 2.0, 3.0, 4.2),
        found="questions and invitations to say more",
    ),
    Dimension.VALIDATING_EMOTIONS: Weighing(
        moves={
            Move.LEGITIMISE: 1.0,
            Move.NAMING: 1.0,
            Move.SITUATION: 1.0,
            Move.SYMPATHY: 1.0,
            Move.STOCK: 1.0,
            Move.AVAILABILITY: 0.2,
        },
        most_per_message=1.5,
        steps=(0.8, 2.0, 3.8, 5.5),
        found="feelings named, acknowledged or called understandable",
    ),
    Dimension.DEMONSTRATING_UNDERSTANDING: Weighing(
        # A feeling put into words that the seeker had not used has been understood, too.
        moves={Move.PARAPHRASE: 1.0, Move.NAMING: 0.5},
        most_per_message=1.5,
        steps=(0.6, 1.5, 2.5, 3.5),
        found="parts of the seeker's story given back",
    ),
    Dimension.ADVICE_GIVING: Weighing(
        moves={Move.ADVICE: 1.0},
        most_per_message=1.0,
        steps=(0.5, 1.7, 2.7, 4.0),
        found="suggestions that nobody had asked for",
    ),
    Dimension.SELF_ORIENTED: Weighing(
        moves={Move.SELF_STORY: 1.0},
        most_per_message=2.0,
        steps=(0.5, 2.2, 3.6, 5.0),
        found="turns to the supporter's own story",
    ),
    Dimension.DISMISSING_EMOTIONS: Weighing(
        moves={Move.DONT_FEEL: 1.0, Move.BRIGHT_SIDE: 1.0, Move.MINIMISE: 1.0, Move.BLAME: 0.7, Move.REASSURANCE: 0.3},
        most_per_message=1.5,
        steps=(0.8, 1.8, 3.0, 4.2),
        found="feelings made small, hurried past or found fault with",
        clear_at=1.0,
    ),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of one dimension a conversation holds."""

    total: float
    """In moves per conversation of typical length."""
    messages: int
    """Supporter messages with at least one counted move."""
    heaviest: float
    """The weight of the sentence that counts most; 0 without any."""
    quotes: tuple[str, ...]
    """Of each counted message the sentence that counts most, in the order in which they were said."""


def amount(found: Sequence[Found], *, weighing: Weighing, messages: int) -> Amount:
    """How much of one dimension `found` holds in a conversation with this many supporter messages.

    The count is scaled by the square root of typical over actual length: half way between a count and a rate, because
    three questions are more in three messages than in ten, and ten more than three at any rate.
    """
    by_sentence: dict[tuple[int, str], float] = {}
    for move in found:
        if move.move in weighing.moves:
            key = (move.message, move.quote)
            by_sentence[key] = max(by_sentence.get(key, 0.0), weighing.moves[move.move] * move.weight)
    by_message: dict[int, float] = defaultdict(float)
    for (message, _), weight in by_sentence.items():
        by_message[message] += weight
    total = sum(min(weighing.most_per_message, weight) for weight in by_message.values())
    return Amount(
        total=total * sqrt(TYPICAL_MESSAGES / max(messages, 1)),
        messages=len(by_message),
        heaviest=max(by_sentence.values(), default=0.0),
        quotes=_strongest(by_sentence),
    )


def score(amount: Amount, weighing: Weighing) -> int:
    """1 to 5: one more than the steps that the amount has reached, and above 1 where one sentence is clear enough."""
    reached = sum(amount.total >= step for step in weighing.steps)
    is_clear = weighing.clear_at is not None and amount.heaviest >= weighing.clear_at
    return 1 + max(reached, int(is_clear))


def _strongest(by_sentence: Mapping[tuple[int, str], float]) -> tuple[str, ...]:
    best: dict[int, str] = {}
    for message, quote in sorted(by_sentence, key=lambda key: -by_sentence[key]):
        best.setdefault(message, quote)
    return tuple(best[message] for message in sorted(best))
