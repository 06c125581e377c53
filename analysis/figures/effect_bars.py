"""Figure 3B: what each treatment did to each dimension, in SD of the dimension, with 95 % intervals and stars."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.columns import TREATMENTS
from analysis.effects import POST
from analysis.figures.style import CONDITION_COLOURS, INK, QUIET, blank, light_grid, message
from analysis.labels import CONDITION_NAMES, measure_name, stars
from analysis.regression import Fit, Term
from core.dimensions import DIMENSIONS, PRESCRIPTIVE

WIDTH = 0.25
NO_INTERVAL, NO_EFFECT = "†", "–"
FOOTNOTES = {
    NO_INTERVAL: "no interval: too few people, or all of them changed alike, so that there is no error to estimate",
    NO_EFFECT: "no effect: these rows do not determine it",
}
"""What stands in place of an interval or a bar, and why; written below the figure that needs it."""


def draw(fits: Mapping[str, Fit]) -> Figure:
    """Grouped bars of the standardised interaction coefficients of `effects`."""
    bars = {(d, t): fits[str(d)][f"{t}:{POST}"] for d in DIMENSIONS for t in TREATMENTS}
    if all(bar.standardised is None for bar in bars.values()):
        return message("No effect can be estimated from these rows.")
    figure = blank(9.2, 4.2)
    axes = figure.subplots()
    for at, dimension in enumerate(DIMENSIONS):
        for side, treatment in enumerate(TREATMENTS):
            _bar(axes, at + (side - 1) * WIDTH, bars[dimension, treatment], fits[str(dimension)].sd, treatment)
    _frame(axes)
    if used := {mark for bar in bars.values() if (mark := _mark(bar))}:
        told = ". ".join(f"{mark} {why}" for mark, why in FOOTNOTES.items() if mark in used)
        figure.supxlabel(f"{told}.", fontsize=7.5, color=QUIET)
    handles = [Patch(color=CONDITION_COLOURS[t], label=CONDITION_NAMES[t]) for t in TREATMENTS]
    figure.legend(handles=handles, loc="outside upper center", ncols=3, handlelength=1.1, handleheight=1.0)
    return figure


def _mark(found: Term) -> str:
    """What stands for the part of a bar that is undefined; empty when everything is there."""
    if found.standardised is None:
        return NO_EFFECT
    return NO_INTERVAL if found.ci_low is None else ""


def _bar(axes: Axes, at: float, found: Term, sd: float | None, treatment: str) -> None:
    if found.standardised is None or sd is None:
        axes.text(at, 0, NO_EFFECT, ha="center", va="center", color=QUIET)
        return
    axes.bar(at, found.standardised, width=WIDTH * 0.9, color=CONDITION_COLOURS[treatment], linewidth=0)
    low = high = found.standardised
    if found.ci_low is not None and found.ci_high is not None:
        low, high = found.ci_low / sd, found.ci_high / sd
        axes.plot([at, at], [low, high], color="white", linewidth=3.0, solid_capstyle="butt")
        axes.plot([at, at], [low, high], color=INK, linewidth=1.1, solid_capstyle="butt")
    upwards = found.standardised >= 0
    axes.annotate(
        _mark(found) or stars(found.p),
        (at, high if upwards else low),
        xytext=(0, 1 if upwards else -3),
        textcoords="offset points",
        ha="center",
        va="bottom" if upwards else "top",
        fontsize=8.5,
    )


def _frame(axes: Axes) -> None:
    axes.axhline(0, color=INK, linewidth=0.8)
    divide = len(PRESCRIPTIVE) - 0.5
    axes.axvline(divide, color=QUIET, linewidth=0.7, linestyle=(0, (3, 3)))
    axes.set_xticks(np.arange(len(DIMENSIONS)), [_wrapped(measure_name(str(d))) for d in DIMENSIONS])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("Effect in later rounds, against control\n(SD of the dimension, 95 % interval)")
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(-0.55, len(DIMENSIONS) - 0.45)
    axes.margins(y=0.13)
    light_grid(axes)
    for name, x in (("Prescriptive: more is better", 1.0), ("Proscriptive: less is better", 4.0)):
        axes.text(x, 1.0, name, transform=axes.get_xaxis_transform(), ha="center", va="bottom", color=QUIET)


def _wrapped(name: str) -> str:
    return name.replace(" ", "\n", 1)
