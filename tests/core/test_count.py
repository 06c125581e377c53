"""Numbers with what they count."""

from __future__ import annotations

from core.count import counted


def test_one_is_one() -> None:
    """Nobody is told of 1 rows, or of 1 people."""
    assert [counted(number, "row") for number in (0, 1, 2_000)] == ["0 rows", "1 row", "2,000 rows"]
    assert [counted(number, "person", "people") for number in (1, 2)] == ["1 person", "2 people"]
