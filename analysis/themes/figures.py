"""Figures 2A to 2C: the taxonomy, the change of its strategies, and the change of every theme (LE-166)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.drawing import Drawing
from analysis.figures.style import INK, QUIET, RULE, Style, blank, drawn, light_grid, message
from analysis.themes.codes import ThemeId
from analysis.themes.domain import Domain
from analysis.themes.tables import coded_changes, share_table, theme_changes
from analysis.themes.taxonomy import LEVELS, Place, names, taxonomy

UNCODED = "uncoded"
FAMILY_STYLES: Mapping[str, tuple[str, str]] = {
    "affective": ("#8fb573", "o"),
    "cognitive": ("#3a9aa8", "s"),
    "motivational": ("#1f2a56", "^"),
    "misattuned": ("#b3423a", "D"),
    UNCODED: ("#8d8f94", "o"),
}
"""Colour and marker: apart in grey by luminance or form."""
_NAMED = 8
_LONGEST_NAME = 36
_ROW = 0.23
"""Inches per line of text."""


def drawings(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> Iterator[Drawing]:
    """All figures, one after the other; the same data gives the same bytes. One without data says so in words."""
    for name, title, caption, figure in _figures(domains, places):
        with Style():
            made = drawn(figure)
        yield Drawing(name=name, title=title, caption=caption, svg=made.svg, png=made.png)


def _figures(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> Iterator[tuple[str, str, str, Figure]]:
    with Style():
        yield (
            "figure_2a",
            "Figure 2A: taxonomy",
            "Families, strategies and sub-strategies with the share of coded assignments that each sub-strategy holds.",
            tree(domains, places),
        )
        yield (
            "figure_2b",
            "Figure 2B: change by strategy",
            "Percentage points after coaching less before, with 95 % intervals. Filled: round 1 of everybody against "
            "rounds 2 and 3 of coached people. Hollow: coached people against themselves, clustered.",
            dots(domains, places),
        )
        for domain in domains:
            yield (
                f"figure_2c_{domain.trouble_type}",
                f"Figure 2C: change by theme, {domain.trouble_type} troubles",
                "Every theme by its change in percentage points, after less before, with 95 % intervals. "
                f"The {_NAMED} largest on either side are named; tables/themes.csv has all.",
                ranking(domain, places),
            )


def tree(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> Figure:
    """Figure 2A."""
    if not places:
        return message("No themes are coded yet: open coding.html")
    shares = {
        domain.trouble_type: share_table(domain, places).query("level == 'sub_strategy'").set_index("path")["share"]
        for domain in domains
    }
    leaves = [path for path in names() if path.count("/") == len(LEVELS) - 1]
    rows = {path: -place for place, path in enumerate(leaves)}
    figure = blank(9.2, _ROW * (len(leaves) + 3))
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(-len(leaves), 1.6)
    for path, name in names().items():
        below = [rows[leaf] for leaf in leaves if leaf == path or leaf.startswith(f"{path}/")]
        depth, y = path.count("/"), float(np.mean(below))
        axes.text((0, 1.9, 4.6)[depth], y, name, va="center", color=INK, fontweight="bold" if not depth else "normal")
        if depth:
            _branch(axes, rows, path, y=y, x=(0, 1.75, 4.45)[depth])
    for column, (trouble, by_path) in enumerate(shares.items()):
        x = 8.6 + 1.2 * column
        axes.text(x, 1.1, trouble, ha="right", color=QUIET)
        for path in leaves:
            share = by_path.get(path)
            axes.text(
                x, rows[path], "–" if share is None else f"{100 * share:.1f} %", ha="right", va="center", color=INK
            )
    return figure


def _branch(axes: Axes, rows: Mapping[str, int], path: str, *, y: float, x: float) -> None:
    """The line from the node above to this one."""
    above = path.rpartition("/")[0]
    start = float(np.mean([row for leaf, row in rows.items() if leaf.startswith(f"{above}/")]))
    colour, _ = FAMILY_STYLES[path.partition("/")[0]]
    axes.plot([x - 0.35, x - 0.2, x - 0.2, x], [start, start, y, y], color=colour, linewidth=1.2)


def dots(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> Figure:
    """Figure 2B."""
    changes = {domain.trouble_type: coded_changes(domain, places).get("strategy") for domain in domains}
    if all(table is None for table in changes.values()):
        return message("No themes are coded yet: open coding.html")
    order = [f"{family.key}/{strategy.key}" for family in taxonomy().families for strategy in family.strategies]
    figure = blank(8.4, 0.8 + 0.32 * len(order))
    panels = figure.subplots(1, len(changes), sharey=True, sharex=True, squeeze=False)[0]
    for axes, (trouble, table) in zip(panels, changes.items(), strict=True):
        axes.set_title(f"{trouble.capitalize()} troubles")
        axes.axvline(0, color=QUIET, linewidth=0.8)
        for row in [] if table is None else table.to_dict("records"):
            _dot(axes, row, y=-order.index(row["group"]), colour=FAMILY_STYLES[row["group"].partition("/")[0]])
        axes.set_yticks([-place for place in range(len(order))], [names()[path] for path in order])
        axes.set_xlabel("percentage points")
        light_grid(axes, axis="x")
    return figure


def _dot(axes: Axes, row: Mapping[Hashable, Any], *, y: float, colour: tuple[str, str]) -> None:
    for shift, prefix, face in ((0.14, "", colour[0]), (-0.16, "within_", "white")):
        low, middle, high = (100 * row[f"{prefix}{key}"] for key in ("ci_low", "difference", "ci_high"))
        axes.plot([low, high], [y + shift] * 2, color=colour[0], linewidth=1.2)
        axes.plot(middle, y + shift, colour[1], color=colour[0], markerfacecolor=face, markersize=5)


def ranking(domain: Domain, places: Mapping[ThemeId, Place]) -> Figure:
    """Figure 2C of one kind of trouble."""
    table = theme_changes(domain).dropna(subset="difference").sort_values("difference", ignore_index=True)
    if table.empty:
        return message("There are no sentences both before and after coaching.")
    described = {theme.key: theme.name for theme in domain.themes}
    families = [_family(domain, key, places) for key in table["group"]]
    figure = blank(8.4, max(2.6, min(9.0, 0.07 * len(table) + 0.14 * 2 * _NAMED)))
    axes = figure.add_subplot()
    axes.axvline(0, color=QUIET, linewidth=0.8)
    for place, (row, family) in enumerate(zip(table.to_dict("records"), families, strict=True)):
        colour, marker = FAMILY_STYLES[family]
        axes.plot([100 * row["ci_low"], 100 * row["ci_high"]], [place, place], color=RULE, linewidth=1.6, zorder=1)
        axes.plot(100 * row["difference"], place, marker, color=colour, markersize=3.6, zorder=2)
    _name_ends(axes, [_shortened(described[key]) for key in table["group"]])
    axes.set_ylim(-1, len(table))
    axes.set_xlabel("percentage points of all sentence-theme pairs, after less before")
    light_grid(axes, axis="x")
    shown = [family for family in FAMILY_STYLES if family in families]
    handles = [
        Line2D([], [], linestyle="", marker=FAMILY_STYLES[one][1], color=FAMILY_STYLES[one][0], label=one)
        for one in shown
    ]
    axes.legend(handles=handles, loc="lower right")
    return figure


def _name_ends(axes: Axes, described: Sequence[str]) -> None:
    """The names of the largest changes of either direction, beside the axis with a line to their place."""
    named = min(_NAMED, len(described) // 2)
    last = len(described) - 1
    step = max(1.0, len(described) / 45)
    spots = [(place, place * step) for place in range(named)]
    spots += [(last - place, last - place * step) for place in range(named)]
    axes.set_yticks([])
    for place, y in spots:
        axes.annotate(
            described[place],
            xy=(0, place),
            xytext=(-0.03, y),
            xycoords=axes.get_yaxis_transform(),
            textcoords=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=7.5,
            arrowprops={"arrowstyle": "-", "color": RULE, "linewidth": 0.6},
        )


def _family(domain: Domain, key: str, places: Mapping[ThemeId, Place]) -> str:
    place = places.get((domain.trouble_type, key))
    return UNCODED if place is None else place.family


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"
