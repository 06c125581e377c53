"""Figures 2A to 2C are drawn from frames of changes and shares."""

from __future__ import annotations

import pandas as pd

from analysis.figures import theme_change, theme_tree
from analysis.figures.style import Style, drawn

CHANGES = pd.DataFrame(
    [
        (kind, name, category, difference, difference - 0.01, difference + 0.01)
        for kind in ("personal", "workplace")
        for name, category, difference in (
            ("Expressing sympathy", "Affective", 0.02),
            ("Advice-giving", "Misattuned", -0.04),
            ("$ in a name", "Something else", 0.0),
        )
    ],
    columns=["trouble_type", "name", "category", "difference", "ci_low", "ci_high"],
)
SHARES = pd.DataFrame(
    [("Affective", "Expressing sympathy", "Apologetic language", 3, 0.4), ("Misattuned", "Advice-giving", "$", 1, 0.6)],
    columns=["category", "strategy", "sub_strategy", "themes", "share"],
)


def test_strategies_and_themes_are_drawn_for_each_kind_of_trouble() -> None:
    """Two panels each, the same bytes each time; the legend names what has no place in the taxonomy as well."""
    with Style():
        dots, bars = theme_change.draw_strategies(CHANGES), theme_change.draw_themes(CHANGES)
        again = theme_change.draw_themes(CHANGES)
    assert [len(figure.axes) for figure in (dots, bars)] == [2, 2]
    assert [len(axes.patches) for axes in bars.axes] == [3, 3]
    for figure in (dots, bars):
        told = [text.get_text() for text in figure.legends[0].get_texts()]
        assert told == ["Affective", "Misattuned", theme_change.UNCODED]
    assert drawn(dots).png.startswith(b"\x89PNG")
    assert drawn(bars).svg == drawn(again).svg


def test_the_tree_names_every_level_with_its_share() -> None:
    """Category, strategy and sub-strategy; shares of a level are sums of the level below."""
    with Style():
        tree = theme_tree.draw(SHARES)
    written = [text.get_text() for text in tree.axes[0].texts]

    assert {"Affective", "Expressing sympathy", "Apologetic language, 3 themes"} <= set(written)
    assert written.count("60.0 %") == 3


def test_without_themes_there_is_a_sentence() -> None:
    """An empty frame is no fault."""
    for figure in (theme_tree.draw(SHARES.head(0)), theme_change.draw_themes(CHANGES.head(0))):
        assert figure.texts[0].get_text() == theme_change.NOTHING
