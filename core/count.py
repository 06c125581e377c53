"""Numbers with what they count, in words."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `2,000 rows`; `many` for a plural without `s`: `0 people`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
