"""Dollars: nothing that somebody pays, or allows, is shown as another amount."""

from __future__ import annotations

import pytest

from core.money import dollars


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (0, "$0.00"), (0.015, "$0.015"), (0.00001234, "$0.0000123"), (0.1, "$0.10"), (0.9999, "$1.00"),
        (2, "$2.00"), (1204.5, "$1,204.50"),
    ],
)  # fmt: skip
def test_a_part_of_a_cent_is_not_rounded_away(usd: float, shown: str) -> None:
    """A cap of a cent and a half is no cap of a cent."""
    assert dollars(usd) == shown
