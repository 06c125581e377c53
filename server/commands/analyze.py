"""`analyze`: what its user is told on the terminal beside where the report is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_LEFT_OUT = {
    "pilots": "pilots",
    "re_entries": "came again",
    "incomplete": "incomplete",
    "ai_assistance": "helped by a model",
}
"""Counts of the exclusion flow and how they are called, in the order in which people are left out."""


def on_who_counts(report: Path) -> str | None:
    """A line when the analysis behind `report` counts nobody, and why, or leaves out pilots; None otherwise."""
    flow = json.loads(report.with_name("results.json").read_text(encoding="utf-8"))["flow"]
    if not flow["analysed"]:
        return _on_nobody(flow)
    return f"Left out as pilots: {flow['pilots']}; --pilots counts them." if flow["pilots"] else None


def _on_nobody(flow: Mapping[str, int]) -> str:
    if flow["pilots"] and not flow["recruited"]:
        return (
            "Everyone in this dataset is a pilot, so nobody is analysed and the report is empty; --pilots counts them."
        )
    left_out = [f"{name} {flow[rule]}" for rule, name in _LEFT_OUT.items() if flow[rule]]
    why = f"left out are {', '.join(left_out)}" if left_out else "the dataset has no participants"
    remedy = "; --pilots counts the pilots" if flow["pilots"] else ""
    return f"Nobody is analysed and the report is empty: {why}{remedy}."
