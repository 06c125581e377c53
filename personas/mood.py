"""The seeker's mood as a fold over what the supporter said: opens when heard, closes on advice and silver linings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.transcript import Message, Role
from personas.moves import NOTHING_READ, Move, Reading, read_message

MOST_OPEN = 10
READY_FOR_ADVICE = 6
_MOST_AT_ONCE = 2

_SHIFTS = {
    Move.VALIDATION: 2,
    Move.PARAPHRASE: 2,
    Move.OPEN_QUESTION: 1,
    Move.PRESENCE: 1,
    Move.SYMPATHY: 1,
    Move.PERMISSION: 1,
    Move.MINIMISING: -2,
    Move.SELF_STORY: -1,
    Move.OFF_TOPIC: -1,
    Move.INSULT: -4,
}
"""How far one message of a move opens (or closes) the seeker; advice is apart, as it may be welcome."""
_UNASKED_ADVICE = -2


@dataclass(frozen=True, slots=True)
class Mood:
    """Where the seeker stands after a conversation so far."""

    openness: int = 3
    """0 closed, 10 open; how deep the seeker goes depends on it."""
    pieces_of_advice: int = 0
    """Messages with advice that nobody had asked for."""
    silver_linings: int = 0
    is_ready: bool = False
    """Whether the seeker has just agreed to hear advice."""
    is_advice_welcome: bool = False
    """Whether the advice in the last message had been agreed to."""
    last: Reading = NOTHING_READ

    @property
    def depth(self) -> int:
        """The deepest layer of topics that the seeker speaks of unasked, 0 to 3."""
        return sum(self.openness >= bound for bound in (2, 4, 6))


def mood_after(messages: Sequence[Message]) -> Mood:
    """The mood after these messages; the same messages always give the same mood."""
    mood = Mood()
    heard: tuple[str, ...] = ()
    for message in messages:
        if message.role is Role.SEEKER:
            heard = (*heard, message.text)
        else:
            mood = _moved(mood, read_message(message.text, heard=heard))
    return mood


def _moved(mood: Mood, reading: Reading) -> Mood:
    is_advised = Move.ADVICE in reading.moves
    is_unasked = is_advised and not mood.is_ready
    shift = sum(by for move, by in _SHIFTS.items() if move in reading.moves) + (_UNASKED_ADVICE if is_unasked else 0)
    openness = max(0, min(MOST_OPEN, mood.openness + min(shift, _MOST_AT_ONCE)))
    return replace(
        mood,
        openness=openness,
        pieces_of_advice=mood.pieces_of_advice + is_unasked,
        silver_linings=mood.silver_linings + (Move.MINIMISING in reading.moves),
        is_ready=Move.PERMISSION in reading.moves and openness >= READY_FOR_ADVICE,
        is_advice_welcome=is_advised and mood.is_ready,
        last=reading,
    )
