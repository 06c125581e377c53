"""Which figures `analyze` draws, and from what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from analysis.analyses import Analyses
from analysis.felt import trait_scores
from analysis.figures import (
    change_distributions,
    change_lines,
    choice_curve,
    demographic_groups,
    dimension_paths,
    domain_means,
    effect_bars,
    example,
    rank_scatter,
    ratings,
    self_report,
    traits,
    trajectories,
)
from analysis.figures.captions import CAPTIONS
from analysis.figures.style import Style, drawn


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure in both forms, with what it shows in words."""

    name: str
    """File name without its ending."""
    title: str
    caption: str
    svg: str
    png: bytes


FIGURES: Mapping[str, Callable[[Analyses], Figure]] = {
    "figure_3a": lambda found: change_lines.draw(found.people, found.reliable_change),
    "figure_3b": lambda found: effect_bars.draw(found.effects),
    "figure_4": lambda found: example.draw(found.example),
    "figure_5a": lambda found: traits.draw(
        pd.DataFrame(trait_scores(found.dataset.responses)), found.scored.conversations
    ),
    "figure_5b": lambda found: self_report.draw(found.dataset.responses, found.scored.conversations, found.self_report),
    "figure_6a": lambda found: ratings.draw(found.preferences.deciles),
    "figure_6b": lambda found: choice_curve.draw(found.preferences.by_gap, found.preferences.models["higher"]),
    "figure_6c": lambda found: rank_scatter.draw(found.preferences.ranking, found.preferences.spearman),
    "extended_data_1": lambda found: change_distributions.draw(found.people),
    "extended_data_2": lambda found: trajectories.draw(found.people),
    "extended_data_3": lambda found: domain_means.draw(found.domains),
    "extended_data_4": lambda found: dimension_paths.draw(found.trajectories),
    "figure_d6": lambda found: demographic_groups.draw(found.groups, found.first_scores),
}


def drawings(found: Analyses) -> Iterator[Drawing]:
    """All figures, one after the other; the same data gives the same bytes. One without data says so in words."""
    for name, figure in FIGURES.items():
        with Style():
            made = drawn(figure(found))
        title, caption = CAPTIONS[name]
        yield Drawing(name=name, title=title, caption=caption, svg=made.svg, png=made.png)
