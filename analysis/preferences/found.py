"""Everything about the second experiment in one pass: from choices to models, rates and ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.bradley_terry import BradleyTerry
from analysis.elo import elo
from analysis.gain import Gain
from analysis.preferences.gaps import POINTS, Rate, rates
from analysis.preferences.models import (
    OUTCOMES,
    READINGS,
    Predicted,
    component_model,
    difference_model,
    predicted,
    scenarios_of,
)
from analysis.preferences.ranks import RankCorrelation, by_decile, rank_correlation, ranking, strengths
from analysis.preferences.trials import Trials, trials
from analysis.regression import Fit


@dataclass(frozen=True, slots=True)
class AtGap:
    """What a difference means: predicted in the reference scenario and over all, and observed at just this gap."""

    points: float
    reference: Predicted
    mean: Predicted
    observed: Rate | None
    """None where no trial can have just this gap (a mean gain is no whole number)."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What people's choices say; every part is empty without `choices`."""

    trials: Trials
    models: Mapping[str, Fit]
    """`higher`, `match`: the score difference (LE-155, LE-156)."""
    everyone: Mapping[str, Fit]
    """The same over all raters of a sequence, clustered by sequence (LE-162)."""
    components: Mapping[str, Mapping[str, Fit]]
    """reading -> outcome -> the six components."""
    by_gap: list[Rate]
    at: list[AtGap]
    gains: Mapping[str, AtGap]
    """What each treatment's gain in overall points means for a choice (LE-164, C-9)."""
    bradley_terry: Mapping[str, BradleyTerry]
    ranking: pd.DataFrame
    spearman: Mapping[str, RankCorrelation]
    deciles: pd.DataFrame


def preferences(
    choices: pd.DataFrame,
    *,
    comparisons: pd.DataFrame,
    conversations: pd.DataFrame,
    scores: pd.DataFrame,
    gains: Mapping[str, Gain],
    left_out: frozenset[str],
) -> Preferences:
    """Analyse `choices`; `conversations` are those of the analysed, `scores` the seven measures by conversation id."""
    ratings = elo(comparisons)
    found = trials(choices, scores=scores, comparisons=comparisons, ratings=ratings, left_out=left_out)
    rows = found.analysed
    models = {outcome: difference_model(rows, outcome) for outcome in OUTCOMES}
    higher = models["higher"]
    contest = strengths(rows)
    ranks = ranking(contest, scores, ratings)
    return Preferences(
        trials=found,
        models=models,
        everyone={outcome: difference_model(found.everyone, outcome, clusters="sequence_id") for outcome in OUTCOMES},
        components={
            reading: {outcome: component_model(rows, outcome, reading) for outcome in OUTCOMES} for reading in READINGS
        },
        by_gap=rates(rows),
        at=[_at(higher, points, rates(rows, [(points, points)])[0]) for points in POINTS],
        gains={name: _at(higher, gain.points, None) for name, gain in gains.items() if gain.points is not None},
        bradley_terry=contest,
        ranking=ranks,
        spearman={
            "scores": rank_correlation(ranks["strength"], ranks["overall"]),
            "elo": rank_correlation(ranks["strength"], ranks["elo"]),
        },
        deciles=by_decile(conversations, ratings),
    )


def _at(fit: Fit, points: float, observed: Rate | None) -> AtGap:
    over_all = predicted(fit, points, scenarios=scenarios_of(fit))
    return AtGap(points=points, reference=predicted(fit, points), mean=over_all, observed=observed)
