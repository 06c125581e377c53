"""How far the judge agrees with each other rater of the same conversations, per dimension (C-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.regression import Floats
from analysis.scored import side_by_side
from core.dimensions import DIMENSIONS
from judges.reliability import alpha_interval, icc_2_1, icc_3_1, kappa_quadratic, spearman


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two raters on one dimension; None below three conversations or where a figure is undefined."""

    kappa_quadratic: float | None
    """Cohen's kappa with squared weights on 1-5; means of repeats are rounded, halves upwards."""
    alpha_interval: float | None
    """Krippendorff's alpha for interval values."""
    icc_2_1: float | None
    """Absolute agreement of single ratings, raters random (Shrout & Fleiss 1979, Psychol. Bull. 86(2))."""
    icc_3_1: float | None
    """Consistency of single ratings, raters fixed."""
    spearman: float | None
    n: int


def agreements(scores: pd.DataFrame, judge: str | None) -> dict[str, Mapping[str, Agreement]]:
    """rater -> dimension -> agreement with `judge`, for every other model or person in `scores`.

    Repeats of one rater are averaged first; a conversation that either side left without a score does not count.
    """
    if judge is None:
        return {}
    raters = {str(model): side_by_side(rows) for model, rows in scores.groupby("model")}
    mine = raters.pop(judge)
    return {
        rater: {str(d): _between(mine[str(d)], theirs[str(d)]) for d in DIMENSIONS} for rater, theirs in raters.items()
    }


def _between(mine: pd.Series, theirs: pd.Series) -> Agreement:
    both = pd.DataFrame({"mine": mine, "theirs": theirs}).dropna().to_numpy(dtype=float)
    return agreement(both)


def agreement(ratings: Floats) -> Agreement:
    """Agreement of the two columns of `ratings`, (n, 2), on the scale 1-5, without missing values."""
    return Agreement(
        kappa_quadratic=_defined(kappa_quadratic(ratings.T)),
        alpha_interval=_defined(alpha_interval(ratings.T)),
        icc_2_1=_defined(icc_2_1(ratings.T)),
        icc_3_1=_defined(icc_3_1(ratings.T)),
        spearman=_defined(spearman(ratings.T)),
        n=len(ratings),
    )


def _defined(figure: Floats) -> float | None:
    return None if np.isnan(figure) else float(figure)
