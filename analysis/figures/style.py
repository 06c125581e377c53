"""What all figures share: colours that stay apart in grey, quiet axes, and files that are the same on every run."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#22252b"
QUIET = "#6d7178"
RULE = "#d9dbdf"
CONDITION_COLOURS: Mapping[str, str] = {
    "control": "#b3b2ac",
    "video": "#d3924a",
    "ai_coach": "#2f7f86",
    "combined": "#1f2a56",
}
"""Luminance falls from control to combined, so that the order survives a grey print."""
_RC: Mapping[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 8.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.7,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "lendanear",
    "path.simplify": False,
}
_PIXELS_PER_INCH = 200


class Style:
    """`with Style():` draws with the project's settings and leaves matplotlib's own as they were."""

    def __enter__(self) -> None:
        self._context = mpl.rc_context(dict(_RC))  # type: ignore[arg-type]
        self._context.__enter__()

    def __exit__(self, *error: object) -> None:
        self._context.__exit__(None, None, None)


def blank(width: float, height: float) -> Figure:
    """An empty white sheet, in inches, that lays out its own panels."""
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def message(text: str) -> Figure:
    """A figure that says in words why there is nothing to draw."""
    figure = blank(7.2, 1.6)
    figure.text(0.5, 0.5, text, ha="center", va="center", color=QUIET)
    return figure


def light_grid(axes: Axes, *, axis: str = "y") -> None:
    """Hairlines behind the drawing along one axis."""
    axes.grid(True, axis=axis, color=RULE, linewidth=0.6)  # type: ignore[arg-type]


def as_svg(figure: Figure) -> str:
    """The drawing as SVG text without a date."""
    sheet = io.StringIO()
    with Style():
        figure.savefig(sheet, format="svg", metadata={"Date": None})
    return sheet.getvalue()


def as_png(figure: Figure) -> bytes:
    """The drawing as PNG without a date."""
    sheet = io.BytesIO()
    with Style():
        figure.savefig(sheet, format="png", dpi=_PIXELS_PER_INCH, metadata={"Software": None})
    return sheet.getvalue()
