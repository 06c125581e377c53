"""The one picture of a personal report: the way of the score, and own answers beside what was seen."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.style import CONDITION_COLOURS, INK, QUIET, blank, light_grid
from analysis.personal.trainee import Trainee
from analysis.reliable_change import ROUNDS
from analysis.scored import OVERALL

_SELF, _SEEN = CONDITION_COLOURS["video"], CONDITION_COLOURS["combined"]
_ITEMS = {
    "empathized": "Feeling with",
    "understanding": "Understanding",
    "elaboration": "Inviting more",
    "desire_to_help": "Wanting to help",
}


def draw(found: Trainee) -> Figure:
    """Left: overall by round, with the band in which change means nothing; right: both standings among all people."""
    figure = blank(8.4, 3.4)
    way, standing = figure.subplots(1, 2)
    _way(way, found)
    _standing(standing, found)
    return figure


def _way(axes: Axes, found: Trainee) -> None:
    axes.set_title("Your score, −12 to 12")
    change = found.change
    if change is not None and change.threshold is not None:
        low, high = change.before - change.threshold, change.before + change.threshold
        axes.axhspan(max(low, -12), min(high, 12), color="#ecebe6", zorder=0)
        axes.text(3.35, max(low, -12), "no reliable change ", ha="right", va="bottom", color=QUIET, fontsize=7.5)
    known = [(round_, of[OVERALL]) for round_, of in found.scores.items()]
    scores = {round_: score for round_, score in known if score is not None}
    axes.plot([*scores], [*scores.values()], "-o", color=_SEEN, linewidth=1.6, markersize=6)
    axes.set(xlim=(0.65, 3.35), xticks=ROUNDS, ylim=(-12.8, 12.8), yticks=range(-12, 13, 4), xlabel="Conversation")
    light_grid(axes)


def _standing(axes: Axes, found: Trainee) -> None:
    axes.set_title("Share of others below you (%)")
    gaps = [gap for gap in found.gaps if gap.told_above is not None and gap.judged_above is not None]
    if not gaps:
        axes.axis("off")
        axes.text(0.5, 0.5, "too few to compare with", ha="center", va="center", color=QUIET, transform=axes.transAxes)
        return
    for at, gap in enumerate(gaps):
        ends = [100 * (gap.told_above or 0.0), 100 * (gap.judged_above or 0.0)]
        axes.plot(ends, [at, at], color=QUIET, linewidth=1.2, zorder=1)
        names = ("", "") if at else ("your own answer", "what was seen")
        axes.plot(ends[0], at, "o", color=_SELF, markersize=8, markeredgecolor=INK, label=names[0])
        axes.plot(ends[1], at, "s", color=_SEEN, markersize=7, label=names[1])
    axes.set(xlim=(-4, 104), xticks=range(0, 101, 25), yticks=range(len(gaps)), ylim=(len(gaps) - 0.4, -0.9))
    axes.set_yticklabels([_ITEMS[gap.item] for gap in gaps])
    light_grid(axes, axis="x")
    axes.legend(loc="upper center", ncols=2, bbox_to_anchor=(0.5, -0.1))
