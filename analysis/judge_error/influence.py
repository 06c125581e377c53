"""What each participant adds to an estimate, so that estimates from the same people can be combined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.columns import TREATMENTS
from analysis.effects import POST, TERMS, design
from analysis.regression import Floats

INTERACTIONS = [TERMS.index(f"{treatment}:{POST}") for treatment in TREATMENTS]


@dataclass(frozen=True, slots=True)
class Influence:
    """The preregistered model's three interactions, with the sandwich taken apart by participant."""

    estimates: Floats
    """(3,), in the order of `TREATMENTS`; NaN where the rows do not determine one."""
    by_person: pd.DataFrame
    """(participants, 3); the sum of squares of a column is the clustered variance of that estimate."""
    weights: Floats
    """(rows, 3): each estimate is the sum of weight times score over the rows."""


def influence(rows: pd.DataFrame, scores: pd.Series) -> Influence:
    """`rows` of `Scored.conversations` with `scores` beside them (same index), without missing ones.

    The model, and the factor G/(G-1) * (N-1)/(N-K) in the variances, are those of `analysis.effects.effect`.
    """
    predictors, outcome = design(rows), scores.to_numpy(dtype=float)
    crossed = predictors.T @ predictors
    inverse = np.linalg.pinv(crossed, hermitian=True)
    rank = int(np.linalg.matrix_rank(crossed)) if len(rows) else 0
    determined = np.isclose((inverse @ crossed)[INTERACTIONS, INTERACTIONS], 1.0)
    weights = (predictors @ inverse)[:, INTERACTIONS]
    weights[:, ~determined] = np.nan
    residuals = outcome - predictors @ (inverse @ (predictors.T @ outcome))
    by_person = (
        pd.DataFrame(weights * residuals[:, None], columns=[*TREATMENTS])
        .groupby(rows["participant_id"].to_numpy())
        .sum(min_count=1)
    )
    groups, n = len(by_person), len(rows)
    factor = groups / (groups - 1) * (n - 1) / (n - rank) if groups > 1 and n > rank else np.nan
    return Influence(
        estimates=weights.T @ outcome,
        by_person=by_person * np.sqrt(factor),
        weights=weights,
    )
