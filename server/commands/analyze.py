"""`analyze`: what its user is told on the terminal beside where the report is."""

from __future__ import annotations

import json
from pathlib import Path


def on_pilots(report: Path) -> str | None:
    """A line on pilots that the analysis behind `report` has left out, and how to count them; None without any."""
    flow = json.loads(report.with_name("results.json").read_text(encoding="utf-8"))["flow"]
    if not flow["pilots"]:
        return None
    if not flow["recruited"]:
        return "Everyone in this dataset is a pilot, so nobody is analysed; --pilots counts them."
    return f"Left out as pilots: {flow['pilots']}; --pilots counts them."
