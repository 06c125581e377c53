"""Figure 6A: the comparing model's ratings rise with the judge's scores, scenario by scenario (LE-170)."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.style import OTHER_STYLE, SCENARIO_STYLES, blank, light_grid, message


def draw(deciles: pd.DataFrame) -> Figure:
    """Mean Elo by tenth of the overall score; `deciles` is what `ranks.by_decile` returns."""
    if deciles.empty:
        return message("No conversation has both a score and a rating from comparisons.")
    figure = blank(9.2, 4.2)
    axes = figure.subplots()
    for scenario, rows in deciles.groupby("scenario"):
        colour, marker, line = SCENARIO_STYLES.get(str(scenario), OTHER_STYLE)
        axes.plot(
            rows["decile"],
            rows["elo"],
            color=colour,
            marker=marker,
            linestyle=line,
            markersize=5,
            markeredgecolor="white",
            label=str(scenario).replace("_", " "),
        )
    axes.set_xticks(range(1, 11))
    axes.set_xlabel("Tenth of the overall score within its scenario")
    axes.set_ylabel("Mean Elo rating")
    light_grid(axes)
    figure.legend(loc="outside upper center", ncols=5)
    return figure
