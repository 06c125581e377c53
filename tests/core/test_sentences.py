"""Sentences are counted as people count them, whatever word they end with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sentences import SentenceReader, sentences


@pytest.mark.parametrize("word", ["me", "no", "ok", "ill", "HR", "I", "mm"])
def test_a_word_that_looks_like_an_abbreviation_ends_a_sentence(word: str) -> None:
    """`It goes through me. I can't.` are two sentences; the splitter alone takes the state of Maine for the end."""
    assert sentences(f"It was all about {word}. I felt lost.") == [f"It was all about {word}.", "I felt lost."]


def test_abbreviations_that_are_meant_stay_whole() -> None:
    """A number after `No.` and a title before a name end nothing."""
    assert sentences("It was room No. 5 on the left. Dr. Smith came in.") == [
        "It was room No. 5 on the left.",
        "Dr. Smith came in.",
    ]


_PIECES = [
    "I",
    "went",
    " home",
    ".",
    ". ",
    "?!",
    "\n",
    "\n\n",
    " ",
    "Dr.",
    "No.",
    " 5",
    '"',
    "”",
    "(",
    ")",
    "…",
    ",",
    "me.",
    "。",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=20))
def test_a_text_in_pieces_gives_the_sentences_of_the_whole(pieces: list[str]) -> None:
    """Reading piece by piece finds a sentence with the very piece that shows it to be whole, and misses none."""
    reader, text, read = SentenceReader(), "", 0
    for piece in pieces:
        text += piece
        whole = sentences(text)[read:-1]
        read += len(whole)
        assert reader.feed(piece) == whole
    assert reader.rest() == sentences(text)[read:]
