"""Text in cells of CSV: marked where a spreadsheet would calculate it, and unmarked letter for letter."""

from __future__ import annotations

MARK = "'"
FORMULA = ("=", "+", "-", "@", "\t", "\r", MARK)
"""A text cell that starts so would be taken for a formula, or for a mark of ours."""


def marked(text: str) -> str:
    """`text` as it stands in a cell: with one apostrophe before it where it starts as a formula or as a mark does."""
    return f"{MARK}{text}" if text.startswith(FORMULA) else text


def unmarked(cell: str) -> str:
    """The text that `marked` was given: without the one apostrophe before it.

    A cell that `marked` cannot have written, as an apostrophe before a plain word, is text as it stands.
    """
    text = cell.removeprefix(MARK)
    return text if marked(text) == cell else cell
