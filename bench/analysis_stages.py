"""`analyze` stage by stage on a simulated study, with as many messages as people write."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "analysis"))

from simulate import LINES, World, simulate, write
from simulate_choices import with_choices

from analysis.analyses import run_analyses
from analysis.contents import contents
from analysis.dataset import load
from analysis.drawing import drawings
from analysis.report.page import report_page
from analysis.results import to_text
from analysis.tables import as_csv, tables

STAGES = {
    "reading": "reading and checking the folder",
    "fitting": "every analysis",
    "writing": "results, tables, report",
    "drawing": "drawing 13 figures as SVG and PNG",
}
TURNS = 12
"""Messages of a conversation; the paper has 11.7."""


def folder_of(participants: int, place: Path) -> Path:
    """A simulated dataset of so many people, with choices and comparisons."""
    folder = place / f"study-{participants}"
    if not folder.is_dir():
        study = with_choices(simulate(World(participants=participants)))
        write({**study, "messages": _messages(study["conversations"])}, folder)
    return folder


def stages(folder: Path, out: Path) -> dict[str, float]:
    """Processor seconds of each stage, by the names of `STAGES`."""
    seconds: dict[str, float] = {}
    dataset = _timed("reading", seconds, lambda: load(folder))
    found = _timed("fitting", seconds, lambda: run_analyses(dataset))
    out.mkdir(exist_ok=True)

    def written() -> None:
        (out / "results.json").write_text(to_text(contents(found)), encoding="utf-8")
        for name, table in tables(found):
            (out / f"{name}.csv").write_text(as_csv(table), encoding="utf-8")
        (out / "report.html").write_text(report_page(found, []), encoding="utf-8")

    _timed("writing", seconds, written)
    _timed("drawing", seconds, lambda: list(drawings(found)))
    return seconds


def _timed(name: str, seconds: dict[str, float], act: Callable[[], Any]) -> Any:
    started = time.process_time()
    result = act()
    seconds[name] = time.process_time() - started
    return result


def _messages(conversations: pd.DataFrame) -> pd.DataFrame:
    ids = np.repeat(conversations["conversation_id"].to_numpy(), TURNS)
    at = np.tile(np.arange(TURNS), len(conversations))
    words = np.array(LINES, dtype=object)[at % len(LINES)] + np.char.mod(" %d", np.arange(len(ids))).astype(object)
    return pd.DataFrame(
        {
            "conversation_id": ids,
            "seq": (at * 2 + 3).astype(str),
            "role": np.where(at % 2 == 0, "seeker", "supporter"),
            "text": words,
            "sent_at": "2026-01-01T10:05:00.000Z",
            "compose_ms": np.where(at % 2 == 0, "", "5200"),
            "pasted": "false",
        }
    )
