"""Extended Data 1: how change in the overall score is distributed in each condition, its mean dashed (LE-171)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.columns import CONDITIONS
from analysis.figures.style import CONDITION_COLOURS, INK, QUIET, blank, light_grid, message
from analysis.labels import CONDITION_NAMES


def draw(people: pd.DataFrame) -> Figure:
    """One histogram per condition on a common axis; bars are half a point wide, the step in which change comes."""
    if people.empty:
        return message("Nobody has an overall score in all three rounds.")
    figure = blank(9.2, 5.6)
    reach = float(np.ceil(np.abs(people["change"]).max())) + 0.25
    panels = figure.subplots(len(CONDITIONS), 1, sharex=True, sharey=True)
    for axes, condition in zip(panels, CONDITIONS, strict=True):
        change = people.loc[people["condition"] == condition, "change"].to_numpy(dtype=float)
        axes.set_title(f"{CONDITION_NAMES[condition]}  (n = {len(change)})")
        axes.axvline(0, color=QUIET, linewidth=0.7)
        light_grid(axes)
        if not len(change):
            continue
        weights = np.full(len(change), 100 / len(change))
        axes.hist(
            change,
            bins=np.arange(-reach, reach + 0.5, 0.5),
            weights=weights,
            color=CONDITION_COLOURS[condition],
            edgecolor="white",
            linewidth=0.6,
        )
        mean = float(change.mean())
        axes.axvline(mean, color="white", linewidth=3.4)
        axes.axvline(mean, color=INK, linewidth=1.4, linestyle=(0, (4, 2.5)))
        axes.annotate(
            f"mean {mean:+.2f}".replace("-", "−"),
            (mean, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(5, -2),
            textcoords="offset points",
            va="top",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    # Room above the tallest bar, so that no mean is written over one.
    panels[0].set_ylim(0, 1.25 * panels[0].get_ylim()[1])
    figure.supylabel("Share of participants (%)", fontsize=8.5)
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[-1].set_xlabel("Change in overall score, round 1 to the mean of rounds 2 and 3 (points)")
    return figure
