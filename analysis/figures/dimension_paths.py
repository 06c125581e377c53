"""Extended Data 4: each dimension over the three conversations of coached people, by kind of trouble (LE-114)."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.style import OTHER_STYLE, QUIET, TROUBLE_STYLES, blank, light_grid, message
from analysis.labels import measure_name
from analysis.means import Mean
from core.dimensions import DIMENSIONS


def draw(trajectories: Mapping[str, Mapping[str, Mapping[str, Mean]]]) -> Figure:
    """Six panels of means with one standard error; `trajectories` is what `trajectories.trajectories` returns."""
    if all(one.mean is None for kind in trajectories.values() for d in kind.values() for one in d.values()):
        return message("Nobody who was coached has judged conversations with a kind of trouble.")
    figure = blank(9.2, 4.8)
    panels = figure.subplots(2, 3, sharex=True, sharey=True)
    for axes, dimension in zip(panels.flat, DIMENSIONS, strict=True):
        axes.set_title(measure_name(str(dimension)))
        axes.axhline(0, color=QUIET, linewidth=0.6)
        for kind, paths in trajectories.items():
            known = [(int(r), one) for r, one in paths[str(dimension)].items() if one.mean is not None]
            colour, marker, line = TROUBLE_STYLES.get(kind, OTHER_STYLE)
            axes.errorbar(
                [round_ for round_, _ in known],
                [one.mean for _, one in known],
                yerr=[one.se or 0.0 for _, one in known],
                color=colour,
                marker=marker,
                linestyle=line,
                capsize=3,
                markersize=5,
                markeredgecolor="white",
            )
        axes.set_xticks([1, 2, 3])
        axes.set_xlim(0.75, 3.25)
        light_grid(axes)
    figure.supylabel("Score (SD from the mean) ± SE", fontsize=8.5)
    figure.supxlabel("Conversation", fontsize=8.5)
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle=line, label=f"{kind} trouble")
        for kind in trajectories
        for colour, marker, line in [TROUBLE_STYLES.get(kind, OTHER_STYLE)]
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure
