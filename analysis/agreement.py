"""How far the judge agrees with each other rater of the same conversations, per dimension (C-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from analysis.regression import Floats, spread
from analysis.scored import side_by_side
from core.dimensions import DIMENSIONS
from core.score import SCALE

FEWEST = 3
"""Below three conversations in common a rank correlation is 1 or -1 by construction."""


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
    n = len(ratings)
    if n < FEWEST:
        return Agreement(None, None, None, None, None, n)
    absolute, consistent = intraclass(ratings)
    return Agreement(
        kappa_quadratic=_kappa(ratings),
        alpha_interval=_alpha(ratings),
        icc_2_1=absolute,
        icc_3_1=consistent,
        spearman=float(spearmanr(*ratings.T).statistic) if all(spread(side) for side in ratings.T) else None,
        n=n,
    )


def intraclass(ratings: Floats) -> tuple[float | None, float | None]:
    """ICC(2,1) and ICC(3,1) of (n, k) ratings of n things by the same k raters; None without any variance."""
    n, k = ratings.shape
    grand = ratings.mean()
    between = k * float(((ratings.mean(axis=1) - grand) ** 2).sum()) / (n - 1)
    raters = n * float(((ratings.mean(axis=0) - grand) ** 2).sum()) / (k - 1)
    total = float(((ratings - grand) ** 2).sum())
    error = (total - between * (n - 1) - raters * (k - 1)) / ((n - 1) * (k - 1))
    absolute = between + (k - 1) * error + k * (raters - error) / n
    consistent = between + (k - 1) * error
    return (
        (between - error) / absolute if absolute > 0 else None,
        (between - error) / consistent if consistent > 0 else None,
    )


def _kappa(ratings: Floats) -> float | None:
    mine, theirs = np.floor(ratings + 0.5).astype(int).T
    if len({*mine, *theirs}) < 2:
        return None
    return float(cohen_kappa_score(mine, theirs, weights="quadratic", labels=list(SCALE)))


def _alpha(ratings: Floats) -> float | None:
    """1 - observed / expected disagreement, both as mean squared differences; complete pairs only."""
    values = ratings.ravel()
    expected = 2 * float(values.var(ddof=1))
    observed = float(((ratings[:, 0] - ratings[:, 1]) ** 2).mean())
    return 1 - observed / expected if expected > 0 else None
