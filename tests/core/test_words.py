"""Words as all readers of moves take them: apostrophes made straight, and stems."""

from __future__ import annotations

import pytest

from coach.feelings import feelings_in
from core.distress import speaks_of_self_harm
from core.words import stem, straight
from judges.clauses import plain
from personas.moves import read_message

APOSTROPHES = "'’‘ʼ′`´"


@pytest.mark.parametrize("mark", APOSTROPHES)
def test_whatever_is_typed_as_an_apostrophe_reads_the_same(mark: str) -> None:
    """On paper, on a phone, on a foreign keyboard: every reader hears the same words."""
    typed = f"I don{mark}t know why you{mark}re not scared, it{mark}s so sad."
    usual = "I don't know why you're not scared, it's so sad."

    assert straight(typed) == usual
    assert plain(typed) == plain(usual)
    assert feelings_in(typed, own=False) == feelings_in(usual, own=False)
    assert read_message(typed, heard=()) == read_message(usual, heard=())
    assert speaks_of_self_harm(f"I don{mark}t want to live any more")


def test_nothing_else_is_touched_and_no_place_moves() -> None:
    """A place in the straight text is the same place in what was written."""
    written = '“Naïve” — 5 ′ and "that"\n'

    assert straight(written) == written.replace("′", "'")
    assert len(straight(APOSTROPHES * 3)) == len(APOSTROPHES * 3)


@pytest.mark.parametrize(
    "family",
    [
        "feel feels feeling feelings",
        "worry worries worried worrying",
        "admit admits admitted admitting",
        "hope hopes hoped hoping",
        "late lately",
        "mother mother's",
        "loss loss's",
        "go going",
        "do doing",
    ],
)
def test_forms_of_a_word_have_one_stem(family: str) -> None:
    """So that a reply which takes up a word is heard to do so in whatever form."""
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize("words", ["ever every", "bet better", "big bigger", "thing think", "loss lost", "is as"])
def test_other_words_stay_apart(words: str) -> None:
    """What looks alike is not given back."""
    one, other = words.split()

    assert stem(one) != stem(other)
