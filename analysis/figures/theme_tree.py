"""Figure 2A: categories, their strategies and how often each comes up, as a tree (LE-166)."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.points import drawable
from analysis.figures.style import CATEGORY_STYLES, INK, OTHER_STYLE, QUIET, blank, message
from analysis.figures.theme_change import NOTHING

ROOT, CATEGORY, STRATEGY, SUB = 0.0, 0.9, 2.2, 3.9


def draw(shares: pd.DataFrame) -> Figure:
    """Root, categories, strategies, sub-strategies from left to right, each with its share of all assignments.

    `shares`: one row per sub-strategy, `category`, `strategy`, `sub_strategy`, `themes` (their number), `share` (0-1).
    Rows stand in the order in which they come.
    """
    if shares.empty:
        return message(NOTHING)
    rows = shares.reset_index(drop=True)
    figure = blank(9.2, 1.0 + 0.24 * len(rows))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set(xlim=(-0.35, 5.9), ylim=(len(rows) - 0.4, -0.6))
    middle = (len(rows) - 1) / 2
    axes.text(ROOT - 0.3, middle, "All", va="center", fontweight="bold")
    for category, inside in rows.groupby("category", sort=False):
        colour = CATEGORY_STYLES.get(str(category), OTHER_STYLE)[0]
        at = float(inside.index.to_numpy().mean())
        _branch(axes, (ROOT, middle), (CATEGORY, at), colour=colour)
        _named(axes, CATEGORY, at, str(category), float(inside["share"].sum()), bold=True)
        for strategy, below in inside.groupby("strategy", sort=False):
            there = float(below.index.to_numpy().mean())
            _branch(axes, (CATEGORY + 0.95, at), (STRATEGY, there), colour=colour)
            _named(axes, STRATEGY, there, str(strategy), float(below["share"].sum()), bold=False)
            for place, row in below.iterrows():
                _branch(axes, (STRATEGY + 1.4, there), (SUB, float(str(place))), colour=colour)
                name = f"{row['sub_strategy']}, {row['themes']} themes"
                _named(axes, SUB, float(str(place)), name, float(row["share"]), bold=False)
    return figure


def _branch(axes: Axes, start: tuple[float, float], end: tuple[float, float], *, colour: str) -> None:
    turn = (start[0] + end[0]) / 2
    axes.plot([start[0], turn, turn, end[0] - 0.03], [start[1], start[1], end[1], end[1]], color=colour, linewidth=1.2)


def _named(axes: Axes, x: float, y: float, name: str, share: float, *, bold: bool) -> None:
    weight = "bold" if bold else "normal"
    axes.text(x, y, drawable(name), va="center", fontsize=7.5, fontweight=weight, color=INK, parse_math=False)
    axes.annotate(
        f"{100 * share:.1f} %", (x, y), xytext=(0, -9), textcoords="offset points", va="center", fontsize=6, color=QUIET
    )
