"""Figure 5A: trait empathy against what the judge saw, dimension by dimension (LE-169)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.figures.points import cloud, mean_marks
from analysis.figures.style import MEAN, blank, light_grid, message
from analysis.labels import measure_name
from analysis.means import mean_of
from core.dimensions import DIMENSIONS

SCALES = {"jordan": ("Empathy subscale (7–35)", 4.0), "sites": ("Single item (1–5)", 1.0)}
"""Axis title, and how many points of the scale share one mean."""
SHOWN = (0.7, 5.3)
"""The scores' axis: the scale with room for its ends."""


def draw(traits: pd.DataFrame, conversations: pd.DataFrame) -> Figure:
    """One row per scale, one panel per dimension: everyone in grey, means of like-minded people with intervals.

    `traits`: the scales by participant; `conversations`: rows of `Scored.conversations`.
    """
    means = conversations.groupby("participant_id")[[str(d) for d in DIMENSIONS]].mean()
    rows = traits.join(means, how="inner")
    if rows.empty or rows[list(SCALES)].isna().all(axis=None):
        return message("Nobody has both a trait score and a judged conversation.")
    figure = blank(11, 4.6)
    panels = figure.subplots(len(SCALES), len(DIMENSIONS), sharey=True, sharex="row")
    for line, (scale, (name, width)) in zip(panels, SCALES.items(), strict=True):
        for axes, dimension in zip(line, DIMENSIONS, strict=True):
            _panel(axes, rows[scale].to_numpy(dtype=float), rows[str(dimension)].to_numpy(dtype=float), width)
        line[len(DIMENSIONS) // 2].set_xlabel(name)
        line[0].set_ylabel("Mean score (1–5)")
    for axes, dimension in zip(panels[0], DIMENSIONS, strict=True):
        axes.set_title(measure_name(str(dimension)).replace(" ", "\n", 1), fontsize=8.5)
    return figure


def _panel(axes: Axes, trait: np.ndarray, score: np.ndarray, width: float) -> None:
    known = np.isfinite(trait) & np.isfinite(score)
    trait, score = trait[known], score[known]
    jitter = np.random.default_rng(0).uniform(-0.3, 0.3, len(trait))
    cloud(axes, trait + jitter, score)
    bins = np.floor(trait / width)
    centres = [float(trait[bins == one].mean()) for one in np.unique(bins)]
    means = [mean_of(score[bins == one]) for one in np.unique(bins)]
    mean_marks(axes, centres, means, colour=MEAN, size=4, within=SHOWN)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.set_ylim(*SHOWN)
    axes.set_yticks(range(1, 6))
    light_grid(axes)
