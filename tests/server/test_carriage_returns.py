"""A lone carriage return in a message stays inside its cell: no row breaks, and no formula begins after it."""

from __future__ import annotations

import csv
from pathlib import Path

from server.export.codebook import columns
from server.export.write import _write_csv

LINE = "I hear you\r=HYPERLINK(1)\rhow was it"


def test_a_carriage_return_does_not_break_a_row(tmp_path: Path) -> None:
    """What was written is read back in one row, letter for letter."""
    row = {"conversation_id": "c", "seq": 1, "role": "supporter", "text": LINE, "sent_at": 0, "pasted": False}

    _write_csv(tmp_path / "messages.csv", columns()["messages"], [row])

    with (tmp_path / "messages.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [found["text"] for found in read] == [LINE]
