"""The power curve as a figure: one panel per measure, one line per treatment, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.columns import TREATMENTS
from analysis.figures.style import CONDITION_COLOURS, QUIET, blank, light_grid
from analysis.labels import CONDITION_NAMES, measure_name
from analysis.power.curve import Power
from analysis.scored import MEASURES

WANTED = 0.8
"""The power that studies are usually planned for, as a line to read from."""
_AXIS_NAMES = {
    "participants": "Recruited participants",
    "reliability": "Reliability of one conversation",
    "judge_noise": "Further noise of the judge (SD, points)",
    "dropout": "Share left out",
}
_MARKERS = dict(zip(TREATMENTS, "osD", strict=True))


def draw(powers: Sequence[Power], *, over: str) -> Figure:
    """Power over one axis; whiskers are 95 % Wilson intervals of the simulation."""
    rows = pd.DataFrame(powers)
    figure = blank(9.2, 5.2)
    panels = figure.subplots(2, 4, sharex=True, sharey=True).ravel()
    for axes, measure in zip(panels, MEASURES, strict=False):
        axes.set_title(measure_name(measure), fontsize=8.5)
        _panel(axes, rows[rows["measure"] == measure])
    legend = panels[-1]
    legend.axis("off")
    panels[3].tick_params(labelbottom=True)  # nothing but the legend stands below it
    handles, names = panels[0].get_legend_handles_labels()
    legend.legend(handles, names, loc="center left")
    figure.supxlabel(_AXIS_NAMES[over], fontsize=8.5)
    figure.supylabel("Power", fontsize=8.5)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    axes.axhline(WANTED, color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
    for treatment, line in rows.groupby("treatment", sort=False):
        name = str(treatment)
        axes.errorbar(
            line["at"],
            line["power"],
            yerr=[line["power"] - line["ci_low"], line["ci_high"] - line["power"]],
            color=CONDITION_COLOURS[name],
            marker=_MARKERS[name],
            markersize=3.5,
            linewidth=1.3,
            elinewidth=0.8,
            label=CONDITION_NAMES[name],
        )
    axes.set(ylim=(-0.03, 1.05), yticks=(0, 0.2, 0.4, 0.6, 0.8, 1))
    light_grid(axes)
