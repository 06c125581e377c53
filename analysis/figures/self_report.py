"""Figure 5B: what people say of a conversation against what the judge saw in it (LE-169)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.felt import AGAINST, SelfReport, answers
from analysis.figures.style import CONDITION_COLOURS, INK, blank, light_grid, message
from analysis.labels import measure_name
from analysis.scored import OVERALL

ITEMS = {"empathized": "I empathized", "understanding": "I showed understanding", "elaboration": "I encouraged more"}
"""The three items that the paper shows, in short."""


def draw(responses: pd.DataFrame, conversations: pd.DataFrame, found: Mapping[str, Mapping[str, SelfReport]]) -> Figure:
    """One panel per item: the area of a disc is the number of conversations with that answer and that score."""
    told = answers(responses, "self_assessment", by_round=True).unstack("item")
    judged = conversations.set_index(["participant_id", "round"])
    pairs = {
        item: pd.DataFrame({"own": told[item], "judge": judged[AGAINST[item]]}).dropna()
        for item in ITEMS
        if item in told.columns
    }
    if not pairs or all(one.empty for one in pairs.values()):
        return message("There are no self-assessments of judged conversations.")
    figure = blank(9.2, 3.7)
    panels = figure.subplots(1, len(ITEMS))
    for axes, (item, name) in zip(panels, ITEMS.items(), strict=True):
        _panel(axes, pairs.get(item, pd.DataFrame({"own": [], "judge": []}, dtype=float)), AGAINST[item])
        r2 = found[item]["conversation"].r2
        axes.set_title(name + ("" if r2 is None else f"   R² = {r2:.3f}"))
        axes.set_xlabel("Self-assessment (1–5)")
        axes.set_ylabel(f"Judge: {measure_name(AGAINST[item]).lower()}")
    return figure


def _panel(axes: Axes, pairs: pd.DataFrame, measure: str) -> None:
    counts = pairs.groupby(["own", pairs["judge"].round()]).size()
    overall = measure == OVERALL
    if len(counts):
        own, judge = (counts.index.get_level_values(level).to_numpy(dtype=float) for level in (0, 1))
        full = 130.0 if overall else 330.0
        areas = full * counts.to_numpy(dtype=float) / counts.max()
        axes.scatter(own, judge, s=np.maximum(areas, 0.6), color=CONDITION_COLOURS["ai_coach"], linewidths=0)
    if not overall:
        axes.plot([1, 5], [1, 5], color=INK, linewidth=0.8, linestyle=(0, (3, 3)))
    axes.set(xlim=(0.4, 5.6), xticks=range(1, 6))
    axes.set(**({"ylim": (-12.8, 12.8), "yticks": range(-12, 13, 4)} if overall else {"ylim": (0.4, 5.6)}))
    light_grid(axes)
