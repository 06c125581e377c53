"""Tags on what a supporter said, for the viewer of transcripts: eight kinds of move, found by the rules (LE-88)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.transcript import Role, Transcript
from judges.clauses import dissect
from judges.moves import Move, find_moves, supporter_lines


class Tag(StrEnum):
    """What a sentence does, from what helps to what does not."""

    SYMPATHY = "sympathy"
    VALIDATING = "validating"
    UNDERSTANDING = "understanding"
    ELABORATION = "elaboration"
    AVAILABILITY = "availability"
    DISMISSING = "dismissing"
    SELF_ORIENTED = "self_oriented"
    ADVICE = "advice_giving"


_TAG_OF: Mapping[Move, Tag] = {
    Move.SYMPATHY: Tag.SYMPATHY,
    **dict.fromkeys((Move.SITUATION, Move.NAMING, Move.LEGITIMISE), Tag.VALIDATING),
    Move.PARAPHRASE: Tag.UNDERSTANDING,
    **dict.fromkeys((Move.INVITATION, Move.ASKED_FEELING, Move.ASKED_STORY, Move.ASKED_CHECK), Tag.ELABORATION),
    **dict.fromkeys((Move.ASKED_CLOSED_FEELING, Move.ASKED_FACT, Move.ASKED_CLOSED), Tag.ELABORATION),
    **dict.fromkeys((Move.AVAILABILITY, Move.OFFER), Tag.AVAILABILITY),
    **dict.fromkeys((Move.DONT_FEEL, Move.BRIGHT_SIDE, Move.MINIMISE, Move.BLAME), Tag.DISMISSING),
    Move.SELF_STORY: Tag.SELF_ORIENTED,
    Move.ADVICE: Tag.ADVICE,
}


@dataclass(frozen=True, slots=True)
class Tagged:
    """One tag on one sentence."""

    message: int
    """Place of its message in the transcript, from 0, counting both roles."""
    quote: str
    """The sentence, verbatim save that angle brackets stand as prompts show them."""
    tag: Tag


def tagged(transcript: Transcript) -> tuple[Tagged, ...]:
    """Every tag on the supporter's sentences in the order in which they were said; a sentence may bear several."""
    places = [place for place, message in enumerate(transcript.messages) if message.role is Role.SUPPORTER]
    lines = supporter_lines(transcript)
    found = find_moves(dissect([line.text for line in lines]), lines)
    tags = (Tagged(places[move.message], move.quote, _TAG_OF[move.move]) for move in found if move.move in _TAG_OF)
    return tuple(dict.fromkeys(tags))
