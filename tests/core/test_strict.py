"""What files that people write are read with."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.strict import Identifier, Strict, Text, Texts


class Card(Strict):
    """A value with a name, a text and several texts."""

    id: Identifier = "card"
    text: Text = "a text"
    texts: Texts = ("one",)


@pytest.mark.parametrize(
    "written",
    [
        {"text": " \n"},
        {"text": b"bytes"},
        {"text": 3},
        {"texts": []},
        {"texts": ["one", ""]},
        {"id": "1st"},
        {"id": "Upper"},
        {"id": "a" * 65},
        {"note": "unknown"},
    ],
)
def test_what_says_nothing_or_is_not_known_is_refused(written: dict[str, object]) -> None:
    """Blank texts, empty lists, names that are none, keys that nobody reads."""
    with pytest.raises(ValidationError):
        Card.model_validate(written)


def test_a_text_loses_the_blanks_around_it_and_nothing_changes_it_later() -> None:
    """Folded YAML ends in a line break; what was read stays as it was read."""
    card = Card.model_validate({"text": " two words\n"})
    with pytest.raises(ValidationError):
        card.text = "other"  # type: ignore[misc]

    assert card.text == "two words"
