"""Figure 6C: people's ranking of the conversations against the comparing model's and the judge's (LE-161)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.style import OTHER_STYLE, SCENARIO_STYLES, blank, light_grid, message
from analysis.preferences.ranks import RankCorrelation

SIDES = (("elo", "elo", "Elo rating of the comparing model"), ("overall", "scores", "Overall score of the judge"))


def draw(ranking: pd.DataFrame, spearman: Mapping[str, RankCorrelation]) -> Figure:
    """Bradley-Terry strengths against Elo and against scores; `ranking` is what `ranks.ranking` returns."""
    if ranking.empty or ranking[["elo", "overall"]].isna().all(axis=None):
        return message("No conversation that people compared has a rating or a score.")
    figure = blank(9.2, 4.4)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (column, key, name) in zip(panels, SIDES, strict=True):
        for scenario, rows in ranking.groupby("scenario"):
            colour, marker, _ = SCENARIO_STYLES.get(str(scenario), OTHER_STYLE)
            axes.plot(
                rows[column],
                rows["strength"],
                marker,
                color=colour,
                markersize=5,
                markeredgecolor="white",
                markeredgewidth=0.5,
                label=str(scenario).replace("_", " "),
            )
        rho = spearman[key]
        axes.set_title("" if rho.rho is None else f"ρ = {rho.rho:.2f}, n = {rho.n}".replace("-", "−"))
        axes.set_xlabel(name)
        light_grid(axes)
    panels[0].set_ylabel("Strength in people's choices (log odds)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=5)
    return figure
