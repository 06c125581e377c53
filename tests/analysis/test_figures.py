"""What a figure shows when intervals are missing or too long, and when people or lines would hide each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from simulate import World, scored_rows

from analysis.effects import effects
from analysis.example import Example
from analysis.figures import demographic_groups, effect_bars, example, trajectories
from analysis.figures.points import mean_marks
from analysis.figures.style import Style
from analysis.groups import groups
from analysis.means import mean_of
from analysis.report.wording import unbroken
from core.dimensions import DIMENSIONS


def heads(figure: Figure) -> list[tuple[str, float]]:
    """Arrow heads of a figure with one panel: their form and height."""
    lines = figure.axes[0].lines
    return [(str(line.get_marker()), float(line.get_ydata()[0])) for line in lines if line.get_marker() in ("v", "^")]  # type: ignore[index,arg-type]


def test_an_interval_that_leaves_the_axis_ends_in_an_arrow_head() -> None:
    """Below and above; an interval with room has none."""
    figure = Figure()
    wide, narrow = mean_of(np.array([1.0, 5.0])), mean_of(np.array([2.9, 3.1]))

    mean_marks(figure.subplots(), [0, 1], [wide, narrow], within=(0.7, 5.3))

    assert heads(figure) == [("v", 0.7), ("^", 5.3)]


def test_a_condition_s_interval_that_leaves_the_axis_ends_in_an_arrow_head() -> None:
    """Extended Data 2: the mean of a 12 and a -12 lies between -23.5 and 23.5."""
    people = pd.DataFrame({"condition": "control", "before": [12.0, -12.0], "after": [3.0, 3.5]})

    assert heads(trajectories.draw(people)) == [("v", -12.6), ("^", 12.6)]


def test_a_bar_without_an_interval_says_why() -> None:
    """Figure 3B marks it, and the footnote tells what the mark means; without such a bar there is no footnote."""
    fits = effects(scored_rows(World(participants=80)).assign(overall=0.0))
    bare = {
        measure: replace(fit, covariance=np.full_like(fit.covariance, np.nan)) if measure == "advice_giving" else fit
        for measure, fit in fits.items()
    }

    with Style():
        whole, marked = effect_bars.draw(fits), effect_bars.draw(bare)

    assert [text.get_text() for text in marked.axes[0].texts].count(effect_bars.NO_INTERVAL) == 3
    assert effect_bars.FOOTNOTES[effect_bars.NO_INTERVAL] in marked.get_supxlabel()
    assert whole.get_supxlabel() == ""


def test_the_mean_of_a_group_hides_nobody() -> None:
    """Figure D6 C: the mean with its interval stands left of every person of its group."""
    first = pd.DataFrame({str(d): [1.0, 2.0, 3.0, 4.0] for d in DIMENSIONS})
    first = first.assign(overall=0.0, baseline_sd=[-1.2, -0.4, 0.4, 1.2], sex="female", age_group="18–29")

    with Style():
        everyone = demographic_groups.draw(groups(first), first).axes[2]
    people = np.vstack([np.asarray(of.get_offsets()) for of in everyone.collections])
    youngest = people[people[:, 0] < 0.5]
    means = [float(line.get_xdata()[0]) for line in everyone.lines if line.get_marker() == "o"]  # type: ignore[index,arg-type]

    assert len(youngest) == 4
    assert min(means) < youngest[:, 0].min()


def test_equal_scores_of_one_person_stand_side_by_side() -> None:
    """Figure 4 C: six dimensions with the same scores are six places."""
    scores = pd.DataFrame({str(d): [3.0, 3.0, 3.0] for d in DIMENSIONS}, index=[1, 2, 3])
    said = (("seeker", "I had a bad week."),)
    one = Example("p", "ai_coach", 1.0, first=said, last=said, scores=scores)

    with Style():
        paths = example.draw(one).axes[2].lines

    assert len({float(line.get_xdata()[0]) for line in paths}) == len(DIMENSIONS)  # type: ignore[index,arg-type]


def test_a_number_and_its_per_cent_sign_stay_in_one_line() -> None:
    """A space that breaks no line; other spaces stay."""
    assert unbroken("with 95 % intervals, % of all") == "with 95\N{NO-BREAK SPACE}% intervals, % of all"
