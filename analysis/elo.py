"""Elo ratings from pairwise judgements of a model, one contest per scenario (LE-145, C-17)."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = 1000.0
K = 32.0
_SCORE_OF_A = {"A": 1.0, "B": 0.0, "tie": 0.5}


def elo(comparisons: pd.DataFrame, *, start: float = START, k: float = K) -> pd.Series:
    """Rating by conversation id, in points; empty without a judgement.

    `comparisons`: `scenario`, `order` (place in the order of asking), `a_id`, `b_id`, `winner` (`A`, `B`, `tie`; an
    empty one is a failed judgement and moves nothing). Everyone begins at `start`; after each judgement both sides move
    by `k` times what was unexpected, so that the sum stays. Ranks do not depend on `start`.
    """
    judged = comparisons[comparisons["winner"] != ""].sort_values(["scenario", "order"], kind="stable")
    ratings: dict[str, float] = {}
    for a, b, winner in zip(judged["a_id"], judged["b_id"], judged["winner"], strict=True):
        gap = ratings.get(b, start) - ratings.get(a, start)
        moved = k * (_SCORE_OF_A[winner] - 1 / (1 + 10 ** (gap / 400)))
        ratings[a] = ratings.get(a, start) + moved
        ratings[b] = ratings.get(b, start) - moved
    return pd.Series(ratings, dtype=np.float64)
