"""How far a judge agrees with people, per dimension: quadratic-weighted kappa and Spearman's rho."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from core.dimensions import DIMENSIONS, Dimension
from core.score import SCALE

Scores = Mapping[str, Mapping[Dimension, float | None]]
"""One rater's scores by transcript id: 1-5 (a crowd's mean may be a fraction), None where a rating is missing."""

_FEWEST = 3
"""Below three transcripts in common a rank correlation is 1 or -1 by construction."""


@dataclass(frozen=True, slots=True)
class DimensionAgreement:
    """Agreement of one rater with several others on one dimension; NaN where a figure is undefined."""

    kappa: float
    """Quadratic-weighted kappa with each reference rater, averaged over these raters."""
    rho: float
    """Spearman's rho with each reference rater, averaged over these raters."""
    kappa_with_mean: float
    """Kappa with the raters' mean, rounded to the scale (a half rounds up)."""
    rho_with_mean: float
    """Rho with the raters' mean, not rounded."""
    transcripts: int
    """Transcripts that this rater and at least one reference rater have scored."""


def agreement(scores: Scores, reference: Mapping[str, Scores]) -> Mapping[Dimension, DimensionAgreement]:
    """Agreement of `scores` with the `reference` raters (by name), per dimension.

    The averages over single raters say how well the judge replaces one person's view by another's, and are comparable
    with one expert against the other experts; those with the mean are higher, because a mean is less noisy. Transcripts
    without a score by either side are left out pair by pair. Fractions are rounded half up for kappa, which needs
    categories, and are used as they are for rho. Kappa weighs a disagreement by its square (Cohen 1968,
    Psychol. Bull. 70(4)). A figure is NaN where it is undefined: below three transcripts, or when a side never varies.
    """
    return {dimension: _on(dimension, scores, reference) for dimension in DIMENSIONS}


def mean_over_dimensions(
    agreements: Mapping[Dimension, DimensionAgreement], figure: Callable[[DimensionAgreement], float]
) -> float:
    """The mean of one figure over the six dimensions; NaN when it is undefined on any of them."""
    return float(np.mean([figure(agreements[dimension]) for dimension in DIMENSIONS]))


def quadratic_kappa(first: Sequence[float], second: Sequence[float]) -> float:
    """Quadratic-weighted kappa of two raters on the scale 1-5, -1 to 1; NaN below three items or when undefined."""
    a, b = ([_to_scale(score) for score in scores] for scores in (first, second))
    if len(a) < _FEWEST or (_is_constant(a) and _is_constant(b)):
        return math.nan
    return float(cohen_kappa_score(a, b, weights="quadratic", labels=list(SCALE)))


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's rho, ties sharing their mean rank; NaN below three items or when a side never varies."""
    if len(first) < _FEWEST or _is_constant(first) or _is_constant(second):
        return math.nan
    return float(spearmanr(first, second).statistic)


def _on(dimension: Dimension, scores: Scores, reference: Mapping[str, Scores]) -> DimensionAgreement:
    pairs = [_paired(dimension, scores, other) for other in reference.values()]
    mine, theirs = _paired(dimension, scores, _mean_scores(dimension, reference.values()))
    return DimensionAgreement(
        kappa=float(np.mean([quadratic_kappa(*pair) for pair in pairs])),
        rho=float(np.mean([rank_correlation(*pair) for pair in pairs])),
        kappa_with_mean=quadratic_kappa(mine, theirs),
        rho_with_mean=rank_correlation(mine, theirs),
        transcripts=len(mine),
    )


def _paired(dimension: Dimension, first: Scores, second: Scores) -> tuple[list[float], list[float]]:
    both = [
        (a, b)
        for id_, given in first.items()
        if (a := given.get(dimension)) is not None and (b := second.get(id_, {}).get(dimension)) is not None
    ]
    return [a for a, _ in both], [b for _, b in both]


def _mean_scores(dimension: Dimension, raters: Iterable[Scores]) -> Scores:
    by_id: dict[str, list[float]] = {}
    for rater in raters:
        for id_, given in rater.items():
            if (score := given.get(dimension)) is not None:
                by_id.setdefault(id_, []).append(score)
    return {id_: {dimension: float(np.mean(given))} for id_, given in by_id.items()}


def _to_scale(score: float) -> int:
    return math.floor(score + 0.5)


def _is_constant(scores: Sequence[float]) -> bool:
    return len(set(scores)) <= 1
