"""Figures 2B and 2C: how often strategies and themes come up after training, by kind of trouble (LE-140, LE-141)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures.points import drawable
from analysis.figures.style import CATEGORY_STYLES, INK, OTHER_STYLE, blank, light_grid, message

NOTHING = "No theme was extracted."
UNCODED = "Not coded"
"""What the legend calls themes without a place in the taxonomy."""


def draw_strategies(changes: pd.DataFrame) -> Figure:
    """2B: one dot per strategy with its 95 % interval, one panel per kind of trouble.

    `changes`: `trouble_type`, `name`, `category`, `difference`, `ci_low`, `ci_high`; shares from 0 to 1, after less
    before. Names stand in the order in which they come.
    """
    if changes.empty:
        return message(NOTHING)
    kinds = sorted(changes["trouble_type"].unique())
    names = list(dict.fromkeys(changes["name"]))
    figure = blank(9.2, 1.4 + 0.3 * len(names))
    panels = figure.subplots(1, len(kinds), sharey=True, sharex=True, squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        for row in changes[changes["trouble_type"] == kind].itertuples():
            colour, marker = CATEGORY_STYLES.get(str(row.category), OTHER_STYLE[:2])
            at = names.index(str(row.name))
            axes.plot([100 * row.ci_low, 100 * row.ci_high], [at, at], color=colour, linewidth=1.5)
            axes.plot(100 * row.difference, at, marker, color=colour, markersize=6, markeredgecolor="white")
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_title(f"{kind} trouble")
        light_grid(axes, axis="x")
    panels[0].set_yticks(range(len(names)), [drawable(name) for name in names])
    panels[0].invert_yaxis()
    figure.supxlabel("Change in share, after less before (percentage points)", fontsize=8.5)
    _legend(figure, changes, dots=True)
    return figure


def draw_themes(changes: pd.DataFrame) -> Figure:
    """2C: every theme as a bar, ordered by its change, one panel per kind of trouble; columns as for 2B."""
    if changes.empty:
        return message(NOTHING)
    kinds = sorted(changes["trouble_type"].unique())
    figure = blank(9.2, 4.6)
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        _ranked(axes, changes[changes["trouble_type"] == kind].sort_values(["difference", "name"], kind="stable"))
        axes.set_title(f"{kind} trouble")
    panels[0].set_ylabel("Change in share, after less before\n(percentage points)")
    figure.supxlabel("Themes by size of change", fontsize=8.5)
    _legend(figure, changes, dots=False)
    return figure


def _ranked(axes: Axes, rows: pd.DataFrame) -> None:
    heights = 100 * rows["difference"].to_numpy(dtype=float)
    categories = [str(category) for category in rows["category"]]
    axes.bar(
        np.arange(len(rows)),
        heights,
        width=0.85,
        color=[CATEGORY_STYLES.get(category, OTHER_STYLE)[0] for category in categories],
        linewidth=0,
    )
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xticks([])
    light_grid(axes)


def _legend(figure: Figure, changes: pd.DataFrame, *, dots: bool) -> None:
    there = {str(category) for category in changes["category"]}
    styles = {category: style for category, style in CATEGORY_STYLES.items() if category in there}
    if there - CATEGORY_STYLES.keys():
        styles[UNCODED] = OTHER_STYLE[:2]
    handles: list[Line2D | Patch] = []
    for category, (colour, marker) in styles.items():
        if dots:
            handles.append(Line2D([], [], color=colour, marker=marker, linewidth=1.5, label=category))
        else:
            handles.append(Patch(color=colour, linewidth=0, label=category))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
