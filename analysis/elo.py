"""Elo ratings from pairwise judgements of a model, one contest per scenario (LE-145, C-17)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from judges.elo import START, Elo, K, Outcome

_SHARE_OF_A = {"A": 1.0, "B": 0.0, "tie": 0.5}


def elo(comparisons: pd.DataFrame, *, start: float = START, k: float = K) -> pd.Series:
    """Rating by conversation id, in points; empty without a judgement.

    `comparisons`: `scenario`, `order` (place in the order of asking), `a_id`, `b_id`, `winner` (`A`, `B`, `tie`; an
    empty one is a failed judgement and moves nothing). Everyone begins at `start`; after each judgement both sides move
    by `k` times what was unexpected, so that the sum stays. Ranks do not depend on `start`.
    """
    judged = comparisons[comparisons["winner"] != ""].sort_values(["scenario", "order"], kind="stable")
    contest = Elo(start, k)
    for a, b, winner in zip(judged["a_id"], judged["b_id"], judged["winner"], strict=True):
        contest.record(Outcome(a, b, share=_SHARE_OF_A[winner]))
    return pd.Series(contest.ratings, dtype=np.float64)
