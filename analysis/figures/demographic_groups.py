"""Figure D6: scores before training by sex and by age group, and everyone's overall score (LE-172)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.points import mean_marks, swarm
from analysis.figures.style import CLOUD, INK, blank, light_grid, message
from analysis.groups import AGE_GROUPS, BASELINE_SD, SEXES
from analysis.labels import measure_name
from analysis.means import Mean
from core.dimensions import DIMENSIONS

_COLOURS = {
    "sex": {"female": ("#1f2a56", "o"), "male": ("#d3924a", "s")},
    "age_group": dict(
        zip(AGE_GROUPS, (("#d3924a", "o"), ("#2f7f86", "s"), ("#7c1d2b", "^"), ("#1f2a56", "D")), strict=True)
    ),
}

BESIDE = 0.06
"""From the outermost person of a group to its mean, so that the mean hides nobody."""


def draw(groups: Mapping[str, Mapping[str, Mapping[str, Mean]]], first: pd.DataFrame) -> Figure:
    """Means by sex (A) and age group (B) per dimension, and every person's baseline (C); of `analysis.groups`."""
    known = first[first[BASELINE_SD].notna()]
    if not (known["sex"].isin(SEXES) | (known["age_group"] != "")).any():
        return message("Nobody with a judged first conversation gave an age or a sex.")
    figure = blank(9.2, 7.6)
    rows = figure.subplots(3, 1, height_ratios=(1, 1, 1.25))
    for axes, by, title in ((rows[0], "sex", "A  By sex"), (rows[1], "age_group", "B  By age group")):
        _dimensions(axes, groups[by], _COLOURS[by], title=title)
    _everyone(rows[2], known, groups)
    return figure


def _dimensions(
    axes: Axes, groups: Mapping[str, Mapping[str, Mean]], styles: Mapping[str, tuple[str, str]], *, title: str
) -> None:
    places = np.arange(len(DIMENSIONS), dtype=float)
    for side, (name, means) in enumerate(groups.items()):
        colour, marker = styles[name]
        at = places + (side - (len(groups) - 1) / 2) * 0.16
        mean_marks(axes, at.tolist(), [means[str(d)] for d in DIMENSIONS], colour=colour, marker=marker)
    axes.set_xticks(places, [measure_name(str(d)).replace(" ", "\n", 1) for d in DIMENSIONS])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("Mean score (1–5)")
    axes.set_title(title)
    light_grid(axes)
    handles = [Line2D([], [], color=c, marker=m, linestyle="", label=name) for name, (c, m) in styles.items()]
    axes.legend(handles=handles, loc="upper right", bbox_to_anchor=(1, 1.2), ncols=len(handles), handletextpad=0.2)


def _everyone(axes: Axes, known: pd.DataFrame, groups: Mapping[str, Mapping[str, Mapping[str, Mean]]]) -> None:
    columns: Sequence[tuple[str, str]] = [*(("age_group", g) for g in AGE_GROUPS), *(("sex", s) for s in SEXES)]
    places = [float(at + (at >= len(AGE_GROUPS)) * 0.5) for at in range(len(columns))]
    beside = []
    for x, (by, name) in zip(places, columns, strict=True):
        values = known.loc[known[by] == name, BASELINE_SD].to_numpy(dtype=float)
        sideways = swarm(values, step=0.12, width=0.4)
        axes.scatter(x + sideways, values, s=5, color=CLOUD, linewidths=0, rasterized=True, zorder=1)
        beside.append(x + float(sideways.min(initial=0)) - BESIDE)
    mean_marks(axes, beside, [groups[by][name][BASELINE_SD] for by, name in columns], colour=INK, size=6)
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.set_xticks(places, [name for _, name in columns])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("Overall score in round 1 (SD)")
    axes.set_title("C  Everyone before training")
    light_grid(axes)
