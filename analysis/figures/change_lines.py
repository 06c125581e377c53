"""Figure 3A: every participant's change, one vertical line each, with the shares of reliable change (LE-167)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from analysis.columns import CONDITIONS
from analysis.figures.style import CONDITION_COLOURS, INK, QUIET, blank, light_grid, message
from analysis.labels import CONDITION_NAMES
from analysis.reliable_change import ConditionChange, ReliableChange, Verdict

PALE = 0.5
"""How far a line that is no reliable change is drawn towards white."""
DECLINED_COLOUR = "#7c1d2b"
_ENDS: tuple[Literal["left", "center", "right"], ...] = ("left", "center", "right")


def draw(people: pd.DataFrame, change: ReliableChange) -> Figure:
    """One panel per condition; `people` is what `reliable_change.changes` returns."""
    if people.empty:
        return message("Nobody has an overall score in all three rounds.")
    figure = blank(9.2, 4.7)
    panels = figure.subplots(2, 4, sharey="row", sharex=True, height_ratios=(11, 1))
    for axes, bar, condition in zip(panels[0], panels[1], CONDITIONS, strict=True):
        _lines(axes, people[people["condition"] == condition], condition)
        _shares(bar, change.by_condition[condition], condition)
    panels[0][0].set_ylabel("Overall empathy score")
    figure.supxlabel("Participants by size of change (percentile)", fontsize=8.5)
    return figure


def _lines(axes: Axes, people: pd.DataFrame, condition: str) -> None:
    # Equal changes follow the id: ordering them by score would draw ladders that are not in the people.
    ranked = people.sort_values(["change", "participant_id"], kind="stable")
    at = 100 * (np.arange(len(ranked)) + 0.5) / max(len(ranked), 1)
    reliable = ranked["verdict"].isin([Verdict.IMPROVED, Verdict.DECLINED]).to_numpy()
    full = np.array(to_rgb(CONDITION_COLOURS[condition]))
    colours = np.where(reliable[:, None], _dark(condition), full + (1 - full) * PALE)
    before, after = ranked["before"].to_numpy(), ranked["after"].to_numpy()
    lines = axes.vlines(at, before, after, colors=list(map(tuple, colours)), linewidth=_thickness(len(ranked)))
    lines.set_gid(f"changes-{condition}")
    axes.scatter(at, after, s=2.6 * _thickness(len(ranked)) ** 1.5, color=INK, linewidths=0, zorder=3)
    axes.set_title(CONDITION_NAMES[condition])
    axes.set(xlim=(0, 100), ylim=(-12.6, 12.6), yticks=range(-12, 13, 4))
    axes.tick_params(labelbottom=False)
    axes.axhline(0, color=QUIET, linewidth=0.5, zorder=0)
    light_grid(axes)


def _shares(axes: Axes, found: ConditionChange, condition: str) -> None:
    axes.set(ylim=(0, 1), yticks=[])
    for label, side in zip(axes.set_xticks([0, 50, 100], ["0", "50", "100"]), _ENDS, strict=True):
        label.label1.set_horizontalalignment(side)
    axes.spines["left"].set_visible(False)
    if found.improved is None or found.declined is None:
        axes.text(50, 0.5, "undefined" if found.n else "nobody", ha="center", va="center", color=QUIET, fontsize=7.5)
        return
    low, high = 100 * found.declined, 100 - 100 * found.improved
    full = np.array(to_rgb(CONDITION_COLOURS[condition]))
    axes.axhspan(0.12, 0.88, 0, 1, color=tuple(full + (1 - full) * 0.8), linewidth=0)
    axes.barh(0.5, low, height=0.76, color=DECLINED_COLOUR)
    axes.barh(0.5, 100 - high, left=high, height=0.76, color=tuple(_dark(condition)))
    axes.set_title(f"↓ {low:.1f} %", fontsize=8, fontweight="normal", loc="left", pad=3, color=INK)
    axes.set_title(f"reliably better {100 - high:.1f} % ↑", fontsize=8, fontweight="normal", loc="right", pad=3)


def _thickness(people: int) -> float:
    """Line width in points that fills the panel a little less as there are fewer people."""
    return float(np.clip(120 / max(people, 1), 1.0, 2.6))


def _dark(condition: str) -> npt.NDArray[np.float64]:
    return np.array(to_rgb(CONDITION_COLOURS[condition])) * (0.55 if condition == "control" else 1.0)
