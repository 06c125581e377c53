"""Marks that several figures share: means with intervals, clouds of people, and text in letters the font has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes

from analysis.figures.style import CLOUD, INK
from analysis.means import Mean
from analysis.regression import Floats

_GLYPHLESS = "□"
CLOSE = 0.03
"""Between neighbours of a swarm that has room, in units of the axis."""


def mean_marks(
    axes: Axes,
    at: Sequence[float],
    means: Sequence[Mean],
    *,
    colour: str = INK,
    marker: str = "o",
    size: float = 5,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> None:
    """A marker per mean that exists, with its interval where there is one: an arrow head where that leaves `within`."""
    for x, one in zip(at, means, strict=True):
        if one.mean is None:
            continue
        if one.ci_low is not None and one.ci_high is not None:
            low, high = max(one.ci_low, within[0]), min(one.ci_high, within[1])
            axes.plot([x, x], [low, high], color="white", linewidth=3.2, solid_capstyle="butt", zorder=3)
            axes.plot([x, x], [low, high], color=colour, linewidth=1.4, solid_capstyle="butt", zorder=4)
            arrow_heads(axes, x, (one.ci_low, one.ci_high), within=within, colour=colour)
        axes.plot(x, one.mean, marker, color=colour, markersize=size, markeredgecolor="white", zorder=5)


def arrow_heads(
    axes: Axes, x: float, interval: tuple[float, float], *, within: tuple[float, float], colour: str
) -> None:
    """An arrow head at each end of `within` that the interval at `x` runs beyond."""
    for end, cut, head in ((within[0], interval[0] < within[0], "v"), (within[1], interval[1] > within[1], "^")):
        if cut:
            axes.plot(x, end, head, color=colour, markersize=4.5, markeredgewidth=0, clip_on=False, zorder=5)


def cloud(axes: Axes, x: Floats, y: Floats) -> None:
    """One faint point per person, as an image in the SVG: thousands of single shapes would make the page heavy."""
    faint = float(np.clip(60 / max(len(x), 1), 0.16, 0.6))
    axes.scatter(x, y, s=7, color=CLOUD, alpha=faint, linewidths=0, rasterized=True, zorder=1)


def swarm(values: Floats, *, step: float, width: float) -> Floats:
    """Sideways places for points at `values` so that equal heights stand side by side, at most `width` either way."""
    offsets = np.zeros(len(values))
    rows = np.round(values / step)
    for row in np.unique(rows):
        at = np.flatnonzero(rows == row)
        places = np.arange(len(at)) - (len(at) - 1) / 2
        offsets[at] = places
    widest = np.abs(offsets).max(initial=0)
    return offsets * min(CLOSE, width / widest) if widest else offsets


def drawable(text: str) -> str:
    """`text` in one line, with a box for every letter that the figures' font does not have."""
    return "".join(letter if ord(letter) in _glyphs() else _GLYPHLESS for letter in " ".join(text.split()))


@cache
def _glyphs() -> frozenset[int]:
    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return frozenset(font.get_charmap())
