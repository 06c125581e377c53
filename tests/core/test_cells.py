"""What people wrote survives a spreadsheet, and comes back letter for letter."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.cells import marked, unmarked


@pytest.mark.parametrize("text", ["=1+1", "+1", "-", "@home", "\ttab", "\rline", "'quoted'"])
def test_what_a_spreadsheet_would_calculate_gets_one_apostrophe(text: str) -> None:
    """A reader of the file sees text, and a text of apostrophes keeps its own."""
    assert marked(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", " =1", "1-2", "“-”"])
def test_other_text_stands_as_it_is(text: str) -> None:
    """Only the first letter decides."""
    assert marked(text) == text


@pytest.mark.parametrize("cell", ["'", "'quoted", "'25", "' =1"])
def test_an_apostrophe_that_is_no_mark_of_ours_stays(cell: str) -> None:
    """Other programs' files have words that begin so."""
    assert unmarked(cell) == cell


@given(st.text())
@example("''twice")
def test_every_text_comes_back(text: str) -> None:
    """One mark is set, and one is taken away."""
    assert unmarked(marked(text)) == text
