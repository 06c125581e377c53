"""Figures 2A to 2C of what was found: the frames they are drawn from, and what they show in words (LE-166)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.drawing import Drawing
from analysis.figures import theme_change, theme_tree
from analysis.figures.style import Style, drawn
from analysis.themes.codes import ThemeId
from analysis.themes.domain import Domain
from analysis.themes.tables import coded_changes, share_table, theme_changes
from analysis.themes.taxonomy import LEVELS, Place, names

NOT_CODED = "Not coded"
_CHANGE = ["trouble_type", "name", "category", "difference", "ci_low", "ci_high"]


def drawings(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> Iterator[Drawing]:
    """The figures, one after the other; 2A and 2B only once themes are coded. The same data gives the same bytes."""
    for name, title, caption, figure in _figures(domains, places):
        made = drawn(figure)
        yield Drawing(name=name, title=title, caption=caption, svg=made.svg, png=made.png)


def _figures(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> Iterator[tuple[str, str, str, Figure]]:
    with Style():
        if places:
            yield (
                "figure_2a",
                "Figure 2A: taxonomy",
                "Families, strategies and sub-strategies with their share of coded pairs of sentence and theme.",
                theme_tree.draw(shares(domains, places)),
            )
            yield (
                "figure_2b",
                "Figure 2B: change by strategy",
                "Round 1 of everybody against rounds 2 and 3 of coached people, with 95 % intervals that take every "
                "sentence as somebody else's; tables/theme_change_… has the clustered readings.",
                theme_change.draw_strategies(strategy_changes(domains, places)),
            )
        yield (
            "figure_2c",
            "Figure 2C: change by theme",
            "Every theme by its change, coloured by family where it is coded; tables/themes.csv names them.",
            theme_change.draw_themes(ranked_changes(domains, places)),
        )


def shares(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> pd.DataFrame:
    """One row per sub-strategy that was coded, both kinds of trouble together, as `theme_tree.draw` takes it."""
    tables = [share_table(domain, places).query("level == 'sub_strategy'") for domain in domains]
    counts = pd.concat(tables).groupby("path")["n"].sum()
    live = {(domain.trouble_type, theme.key) for domain in domains for theme in domain.themes}
    themes = pd.Series([place.up_to(LEVELS[-1]) for theme, place in places.items() if theme in live]).value_counts()
    rows = [
        (*_names_above(path), int(themes[path]), int(counts[path]) / int(counts.sum()))
        for path in names()
        if path in counts
    ]
    return pd.DataFrame(rows, columns=["category", "strategy", "sub_strategy", "themes", "share"])


def strategy_changes(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> pd.DataFrame:
    """One row per strategy and kind of trouble, in the order of the taxonomy, as `draw_strategies` takes it."""
    rows = []
    for domain in domains:
        for row in _strategies(domain, places):
            category, name = _names_above(str(row["group"]))
            rows.append((domain.trouble_type, name, category, row["difference"], row["ci_low"], row["ci_high"]))
    table = pd.DataFrame(rows, columns=_CHANGE).dropna()
    return table.sort_values("name", key=lambda column: column.map(list(names().values()).index), kind="stable")


def ranked_changes(domains: Sequence[Domain], places: Mapping[ThemeId, Place]) -> pd.DataFrame:
    """One row per theme, as `draw_themes` takes it; a theme without sentences on either side is left out."""
    rows = []
    for domain in domains:
        for row in theme_changes(domain).to_dict("records"):
            place = places.get((domain.trouble_type, str(row["group"])))
            category = NOT_CODED if place is None else names()[place.family]
            rows.append(
                (domain.trouble_type, str(row["group"]), category, row["difference"], row["ci_low"], row["ci_high"])
            )
    return pd.DataFrame(rows, columns=_CHANGE).dropna()


def _strategies(domain: Domain, places: Mapping[ThemeId, Place]) -> list[dict[Hashable, Any]]:
    table = coded_changes(domain, places).get("strategy")
    return [] if table is None else table.to_dict("records")


def _names_above(path: str) -> list[str]:
    """The names from the family down to the node at `path`."""
    parts = path.split("/")
    return [names()["/".join(parts[:depth])] for depth in range(1, len(parts) + 1)]
