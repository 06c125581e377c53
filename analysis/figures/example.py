"""Figure 4: one coached person's first and last conversation, and the six dimensions between them (LE-168)."""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.example import Example
from analysis.figures.points import drawable
from analysis.figures.style import CONDITION_COLOURS, INK, RULE, blank, light_grid, message
from analysis.labels import measure_name
from core.dimensions import DIMENSIONS, PRESCRIPTIVE

LONGEST = 190
"""Letters of a message that are shown."""
COLUMN = 46
"""Letters in a line."""
LINE, GAP, PATHS = 0.135, 1.2, 2.6
"""Inches per line of a message, lines between two messages, inches for the scores."""
APART = 0.035
"""Sideways between two dimensions, in conversations, so that equal scores stand side by side."""
TITLES = ("A  Conversation 1, before training", "B  Conversation 3, after training")
_STYLES = (("#1f2a56", "o"), ("#2f7f86", "s"), ("#55554f", "^"), ("#d3924a", "o"), ("#7c1d2b", "s"), ("#8d8f94", "^"))


def draw(example: Example | None) -> Figure:
    """Opening lines of rounds 1 (A) and 3 (B), and scores over the three rounds (C)."""
    if example is None:
        return message("No coached person has all three scores and the words of the first and last conversation.")
    sides = [[(role, _wrapped(text)) for role, text in said] for said in (example.first, example.last)]
    rows = max(sum(len(lines) + GAP for _, lines in side) for side in sides)
    figure = blank(9.2, PATHS + rows * LINE)
    panels = figure.subplot_mosaic("AB;CC", height_ratios=(rows * LINE, PATHS))
    for name, side, title in zip("AB", sides, TITLES, strict=True):
        _lines(panels[name], side, title=title, height=1 / rows)
    _paths(panels["C"], example)
    return figure


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(textwrap.shorten(drawable(text), LONGEST, placeholder=" …"), COLUMN) or [" "]


def _lines(axes: Axes, said: list[tuple[str, list[str]]], *, title: str, height: float) -> None:
    axes.set_title(title)
    axes.set_axis_off()
    top = 1 - 0.4 * height
    for role, lines in said:
        own = role == "supporter"
        axes.text(
            0.98 if own else 0.02,
            top,
            "\n".join(lines),
            transform=axes.transAxes,
            ha="right" if own else "left",
            va="top",
            multialignment="left",
            fontsize=7.2,
            linespacing=1.15,
            color="white" if own else INK,
            parse_math=False,
            bbox={
                "boxstyle": "round,pad=0.35,rounding_size=0.3",
                "facecolor": CONDITION_COLOURS["combined"] if own else "#f1f1ee",
                "edgecolor": CONDITION_COLOURS["combined"] if own else RULE,
                "linewidth": 0.6,
            },
        )
        top -= (len(lines) + GAP) * height


def _paths(axes: Axes, example: Example) -> None:
    for side, ((colour, marker), dimension) in enumerate(zip(_STYLES, DIMENSIONS, strict=True)):
        axes.plot(
            example.scores.index + (side - (len(DIMENSIONS) - 1) / 2) * APART,
            example.scores[str(dimension)].astype(float),
            color=colour,
            marker=marker,
            linestyle="-" if dimension in PRESCRIPTIVE else (0, (4, 2)),
            markeredgecolor="white",
            label=measure_name(str(dimension)),
        )
    axes.set(ylim=(0.7, 5.3), xlim=(0.85, 3.15), yticks=range(1, 6))
    axes.set_xticks([1, 2, 3], ["conversation 1", "conversation 2", "conversation 3"])
    axes.set_ylabel("Score")
    axes.set_title("C  Scores (dashed: less is better)")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    light_grid(axes)
