"""Which figures `analyze` draws, and from what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.analyses import Analyses
from analysis.figures import change_distributions, change_lines, effect_bars, trajectories
from analysis.figures.style import Style, as_png, as_svg


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure in both forms, with what it shows in words."""

    name: str
    """File name without its ending."""
    title: str
    caption: str
    svg: str
    png: bytes


def drawings(found: Analyses) -> Iterator[Drawing]:
    """All figures in the order of the report; the same data gives the same bytes."""
    with Style():
        made = {
            "figure_3a": change_lines.draw(found.people, found.reliable_change),
            "figure_3b": effect_bars.draw(found.effects),
            "extended_data_1": change_distributions.draw(found.people),
            "extended_data_2": trajectories.draw(found.people),
        }
    for name, figure in made.items():
        title, caption = CAPTIONS[name]
        yield Drawing(name=name, title=title, caption=caption, svg=as_svg(figure), png=as_png(figure))


CAPTIONS = {
    "figure_3a": (
        "Figure 3A. Change of every participant",
        "One line per participant, from the overall score in round 1 to the mean of rounds 2 and 3 (dot), ordered by "
        "change. Dark lines are reliable changes. The bar below gives the shares that declined and improved reliably.",
    ),
    "figure_3b": (
        "Figure 3B. Effect of each treatment on each dimension",
        "Product of condition and later rounds, divided by the dimension's SD over all analysed conversations; lines "
        "are 95 % intervals with errors clustered by participant. * p < .05, ** p < .01, *** p < .001, uncorrected.",
    ),
    "extended_data_1": (
        "Extended Data 1. Distribution of change",
        "Change in overall score per condition, as a share of its participants; the dashed line is the mean.",
    ),
    "extended_data_2": (
        "Extended Data 2. Before and after",
        "Grey: every participant. Thick: the condition's mean with its 95 % interval.",
    ),
}
