"""Extended Data 3: each dimension before training in either kind of trouble, in SD, with 95 % intervals (LE-113)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.points import mean_marks
from analysis.figures.style import INK, OTHER_STYLE, TROUBLE_STYLES, blank, light_grid, message
from analysis.labels import measure_name
from analysis.means import Mean
from core.dimensions import DIMENSIONS

APART = 0.22


def draw(domains: Mapping[str, Mapping[str, Mean]]) -> Figure:
    """One pair of means per dimension; `domains` is what `domains.domains` returns."""
    if all(one.mean is None for means in domains.values() for one in means.values()):
        return message("There are no judged conversations of round 1 with a kind of trouble.")
    figure = blank(9.2, 3.6)
    axes = figure.subplots()
    places = np.arange(len(DIMENSIONS), dtype=float)
    handles = []
    for side, (kind, means) in enumerate(domains.items()):
        colour, marker, _ = TROUBLE_STYLES.get(kind, OTHER_STYLE)
        at = places + (side - (len(domains) - 1) / 2) * APART
        mean_marks(axes, at.tolist(), [means[str(d)] for d in DIMENSIONS], colour=colour, marker=marker, size=6)
        handles.append(Line2D([], [], color=colour, marker=marker, linewidth=1.4, label=f"{kind} trouble"))
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xticks(places, [measure_name(str(d)).replace(" ", "\n", 1) for d in DIMENSIONS])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("Score in round 1 (SD from the mean)")
    light_grid(axes)
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure
