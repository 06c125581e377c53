"""What all figures share: colours that stay apart in grey, quiet axes, and files that are the same on every run."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
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
_DATELESS: Mapping[str, dict[str, str | None]] = {"svg": {"Date": None}, "png": {"Software": None}}
TROUBLE_STYLES: Mapping[str, tuple[str, str, Any]] = {
    "personal": ("#1f2a56", "o", "-"),
    "workplace": ("#d3924a", "s", "--"),
}
"""Colour, marker and line of each kind of trouble: apart in grey by luminance and by form."""
SCENARIO_STYLES: Mapping[str, tuple[str, str, Any]] = {
    "job_loss": ("#1f2a56", "o", "-"),
    "promotion": ("#2f7f86", "s", "--"),
    "undervalued": ("#7c1d2b", "^", "-."),
    "cancer": ("#d3924a", "D", ":"),
    "loss": ("#8d8f94", "v", (0, (6, 2))),
}
CATEGORY_STYLES: Mapping[str, tuple[str, str]] = {
    "Affective": ("#5d9c59", "o"),
    "Cognitive": ("#7cc3cf", "s"),
    "Motivational": ("#1f2a56", "D"),
    "Misattuned": ("#b0413e", "X"),
}
"""Colour and marker of the top level of themes; luminance tells them apart in grey."""
OTHER_STYLE: tuple[str, str, Any] = ("#55554f", "X", "-")
CLOUD = "#8d8f94"
"""Single people behind means."""
MEAN = "#7c1d2b"


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


@dataclass(frozen=True, slots=True)
class Drawn:
    """One figure in both forms."""

    svg: str
    png: bytes


def drawn(figure: Figure) -> Drawn:
    """The figure as SVG text and as PNG, both without a date, laid out once for both."""
    with Style():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        sheets = {kind: io.BytesIO() for kind in _DATELESS}
        for kind, sheet in sheets.items():
            figure.savefig(sheet, format=kind, dpi=_PIXELS_PER_INCH, metadata=_DATELESS[kind])
    return Drawn(svg=sheets["svg"].getvalue().decode("utf-8"), png=sheets["png"].getvalue())
