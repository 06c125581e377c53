"""Extended Data 2: every participant before and after in grey, the condition's mean on top (LE-171)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from analysis.columns import CONDITIONS
from analysis.figures.points import arrow_heads
from analysis.figures.style import CONDITION_COLOURS, QUIET, blank, light_grid, message
from analysis.labels import CONDITION_NAMES
from analysis.regression import Z_95

GREY = "#8d8f94"
SHOWN = (-12.6, 12.6)
"""The overall score's axis: -12 to 12 with room for its ends."""
MEAN_COLOURS = {**CONDITION_COLOURS, "control": "#55554f"}
"""Control's own grey would be lost among the participants' lines."""


def draw(people: pd.DataFrame) -> Figure:
    """One panel per condition; `people` is what `reliable_change.changes` returns."""
    if people.empty:
        return message("Nobody has an overall score in all three rounds.")
    figure = blank(9.2, 3.9)
    panels = figure.subplots(1, len(CONDITIONS), sharey=True)
    for axes, condition in zip(panels, CONDITIONS, strict=True):
        rows = people[people["condition"] == condition]
        axes.set_title(CONDITION_NAMES[condition])
        axes.set(xlim=(-0.18, 1.18), ylim=SHOWN, yticks=range(-12, 13, 4))
        axes.set_xticks([0, 1], ["before", "after"])
        light_grid(axes)
        if len(rows):
            _paths(axes, rows, condition)
    figure.supxlabel("Before: round 1. After: mean of rounds 2 and 3.", fontsize=8.5, color=QUIET)
    panels[0].set_ylabel("Overall empathy score")
    return figure


def _paths(axes: Axes, rows: pd.DataFrame, condition: str) -> None:
    values = rows[["before", "after"]].to_numpy(dtype=float)
    lines = [[(0.0, before), (1.0, after)] for before, after in values]
    faint = float(np.clip(40 / len(lines), 0.16, 0.6))
    axes.add_collection(LineCollection(lines, colors=GREY, linewidths=0.7, alpha=faint, gid=f"paths-{condition}"))
    means = values.mean(axis=0)
    colour = MEAN_COLOURS[condition]
    axes.plot([0, 1], means, color="white", linewidth=5.2, zorder=3, solid_capstyle="round")
    axes.plot([0, 1], means, color=colour, linewidth=3.2, zorder=4, marker="o", markersize=5.5, markeredgecolor="white")
    if len(values) > 1:
        reach = Z_95 * values.std(axis=0, ddof=1) / np.sqrt(len(values))
        axes.errorbar([0, 1], means, yerr=reach, fmt="none", ecolor=colour, elinewidth=1.8, capsize=4, zorder=5)
        for x, mean, half in zip((0, 1), means, reach, strict=True):
            arrow_heads(axes, x, (mean - half, mean + half), within=SHOWN, colour=colour)
