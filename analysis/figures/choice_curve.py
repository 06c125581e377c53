"""Figure 6B: how often people choose the higher-scored conversation, by the difference (LE-160)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.style import CONDITION_COLOURS, INK, QUIET, blank, light_grid, message
from analysis.preferences.gaps import LARGEST, Rate
from analysis.preferences.models import odds, predicted, scenarios_of
from analysis.regression import Fit


def draw(by_gap: Sequence[Rate], higher: Fit) -> Figure:
    """Observed rates with Wilson intervals at the middle of their bin; the model at the mean of the scenarios."""
    known = [one for one in by_gap if one.rate is not None]
    if not known:
        return message("There are no choices between conversations with different scores.")
    figure = blank(9.2, 4.2)
    axes = figure.subplots()
    _curve(axes, higher)
    for one in known:
        at = _middle(one)
        axes.plot([at, at], [100 * (one.ci_low or 0), 100 * (one.ci_high or 0)], color=INK, linewidth=1.4, zorder=3)
        axes.plot(at, 100 * (one.rate or 0), "o", color=INK, markersize=6, markeredgecolor="white", zorder=4)
    axes.axhline(50, color=QUIET, linewidth=0.8, linestyle=(0, (3, 3)))
    axes.set_xticks([_middle(one) for one in known], [_named(one) for one in known])
    axes.set(ylim=(0, 101), xlim=(0, 20))
    axes.set_xlabel("Difference of the overall scores (points)")
    axes.set_ylabel("Higher-scored conversation chosen (%)")
    light_grid(axes)
    return figure


def _curve(axes: Axes, higher: Fit) -> None:
    if higher["difference"].estimate is None:
        return
    gaps = np.linspace(0, 20, 81)
    at = [predicted(higher, float(gap), scenarios=scenarios_of(higher)) for gap in gaps]
    colour = CONDITION_COLOURS["ai_coach"]
    ratio = odds(higher).estimate
    label = "logistic model" + ("" if ratio is None else f", odds × {ratio:.2f} per point")
    axes.plot(gaps, [100 * (p.probability or 0) for p in at], color=colour, linewidth=1.8, label=label)
    if all(p.ci_low is not None for p in at):
        low, high = ([100 * (getattr(p, side) or 0) for p in at] for side in ("ci_low", "ci_high"))
        axes.fill_between(gaps, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.legend(loc="lower right")


def _named(one: Rate) -> str:
    points = f">{one.low - 1}" if one.high == LARGEST else f"{one.low}–{one.high}"
    return f"{points}\nn {one.n}"


def _middle(one: Rate) -> float:
    """The middle of a bin; the last one is open and is drawn as if it were as wide as the others."""
    return one.low + 1.0
