"""Sentences are counted as people count them, whatever word they end with."""

from __future__ import annotations

import pytest

from core.sentences import sentences


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
