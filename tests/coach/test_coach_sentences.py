"""Sentences are counted as printed, quotes are found letter for letter, and real questions are told from fillers."""

from __future__ import annotations

import pytest
from coaching import conversation
from hypothesis import given
from hypothesis import strategies as st

from coach.questions import is_question_put
from coach.quotes import Quote, find_quote
from coach.sentence_count import first_sentences, has_open_quotation, printed_sentences

SEVEN = (
    "You were kind. You opened well with a question. After that you gave an idea. Instead of “Have you tried yoga? It"
    " helps.” you could have said, “That is a lot. What is it like?” It would have kept the door open. Later you said"
    " 'I see.' and moved on. Keep going."
)


def test_a_quotation_belongs_to_the_sentence_it_stands_in() -> None:
    """A printed text of seven sentences counts seven, whatever stands between its quotation marks (LE-64, C-2)."""
    assert len(printed_sentences(SEVEN)) == 7


def test_a_text_is_cut_after_a_whole_sentence() -> None:
    """Cutting keeps the sentences as printed."""
    assert first_sentences("Say “Oh. No.” to them. Then wait. Then ask.", most=2) == "Say “Oh. No.” to them. Then wait."


@given(st.text(max_size=80))
def test_no_letter_is_lost_in_splitting(text: str) -> None:
    """Whatever the text, its sentences stand in it one after the other and miss nothing but white space."""
    assert "".join("".join(part.split()) for part in printed_sentences(text)) == "".join(text.split())


def test_a_quotation_that_is_still_coming_is_known() -> None:
    """While a text streams, an opened quotation keeps the sentence open; an apostrophe does not."""
    assert has_open_quotation("You could say, “I see. ")
    assert has_open_quotation('You could say, "I see. ')
    assert not has_open_quotation("It's what they'd say, “I see.” ")


def test_quotes_are_given_as_the_supporter_wrote_them() -> None:
    """Case, kind of apostrophe and white space may differ; the span is the supporter's own."""
    transcript = conversation("I am sad.", "Well,  don’t worry  too much!")

    assert find_quote("don't worry too much", transcript) == Quote(message=1, span="don’t worry  too much")


def test_what_the_seeker_said_is_no_quote_of_the_supporter() -> None:
    """Only the supporter's messages are searched, and only whole words."""
    transcript = conversation("I feel invisible.", "Tell me everything.")

    assert find_quote("I feel invisible", transcript) is None
    assert find_quote("me every", transcript) is None


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t", "...", "?!", "ok", "Ok.", "OK!!", "thanks", "thank you", "hm", "10", "👍"]
)
def test_fillers_are_no_question(text: str) -> None:
    """Blank, punctuation, numbers and words that only acknowledge do not open the gate (LE-24)."""
    assert not is_question_put(text)


@pytest.mark.parametrize(
    "text", ["why?", "How could I have asked more", "ok but what should I say", "¿Qué puedo hacer?", "我该怎么办"]
)
def test_real_words_are_a_question(text: str) -> None:
    """Real words count, with or without a question mark and in any script."""
    assert is_question_put(text)
