"""The moves that the rules judge finds: what a line is, and what it only looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.transcript import Role
from judges.clauses import dissect
from judges.moves import Move, find_moves, supporter_lines
from tests.judges.conversations import conversation

STORY = "I lost my dad last week and I missed his last call. I feel so guilty and tired."

LINES = yaml.safe_load(Path(__file__).with_name("lines.yaml").read_text(encoding="utf-8"))
IDS = [entry["line"] for entry in LINES]


def moves_in(text: str, *, opener: str = STORY) -> set[Move]:
    """The moves that one line of a supporter makes."""
    transcript = conversation(text, opener=opener)
    return {found.move for found in find_moves(dissect(transcript.of(Role.SUPPORTER)), supporter_lines(transcript))}


@pytest.mark.parametrize("entry", LINES, ids=IDS)
def test_a_line_makes_the_moves_it_makes_and_no_others_like_them(entry: dict[str, Any]) -> None:
    """Negation, reported speech, permission and hurried spelling decide what a line is."""
    found = moves_in(entry["line"])

    assert {Move(name) for name in entry.get("makes", ())} <= found
    assert not {Move(name) for name in entry.get("makes_not", ())} & found


def test_case_and_apostrophes_change_nothing() -> None:
    """Shouted, in small letters, with typographic apostrophes or none: the moves are the same."""
    for text in IDS:
        found = moves_in(text)

        assert moves_in(text.upper()) == found
        assert moves_in(text.lower()) == found
        assert moves_in(text.replace("'", "\u2019")) == found
        assert moves_in(text.replace("'", "")) == found


def test_giving_back_the_particulars_shows_understanding_and_saying_so_does_not() -> None:
    """Content counts: words and feelings of the seeker come back, in words of one's own too."""
    assert Move.PARAPHRASE in moves_in("So you missed your dad's call and now the guilt will not leave you.")
    assert Move.PARAPHRASE in moves_in("It sounds like you feel ashamed.")
    assert Move.PARAPHRASE not in moves_in("I understand. I totally hear you. I get it.")
    assert Move.PARAPHRASE not in moves_in("You should call your dad's friends, missed calls happen.")


def weight_of_advice(*said: str, answer: str) -> float:
    transcript = conversation(*said, answer=answer)
    found = find_moves(dissect(transcript.of(Role.SUPPORTER)), supporter_lines(transcript))
    return sum(move.weight for move in found if move.move is Move.ADVICE)


def test_advice_weighs_little_once_the_seeker_wants_it() -> None:
    """Asked for, or agreed to when offered, advice is no longer unasked; declined, it is."""
    advice = "You should talk to your boss."
    leave = "Would you like some advice?"

    unasked = weight_of_advice("Okay.", advice, answer="I do not know.")
    assert weight_of_advice("Okay.", advice, answer="What should I do?") < unasked
    assert weight_of_advice(leave, advice, answer="Yes please.") < unasked
    assert weight_of_advice(leave, advice, answer="No, I just need someone to listen.") == unasked


def test_a_story_of_ones_own_weighs_less_when_it_leads_back() -> None:
    """A shared experience that ends in a question about the other person is half as much about oneself."""

    def weight(text: str) -> float:
        transcript = conversation(text)
        found = find_moves(dissect([text]), supporter_lines(transcript))
        return sum(move.weight for move in found if move.move is Move.SELF_STORY)

    assert 0 < weight("I lost my job too last year. How are you feeling?") < weight("I lost my job too last year.")
