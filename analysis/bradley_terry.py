"""Bradley-Terry strengths from pairwise choices, with errors, and with a stated answer where likelihood has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from analysis.regression import Floats

_STEPS = 200
_CONVERGED = 1e-10


@dataclass(frozen=True, slots=True)
class BradleyTerry:
    """Strengths of the items of one contest."""

    n: int
    """Choices."""
    regularised: bool
    """Somebody only wins or only loses, alone or as a group: half a win and half a loss against an average item were
    added for everyone, without which the strengths would be infinite."""
    items: pd.DataFrame
    """By item: `strength` (log odds against an average item; they sum to 0), `se`, `wins`, `choices`."""


def bradley_terry(winners: pd.Series, losers: pd.Series) -> BradleyTerry:
    """Maximum-likelihood strengths of everyone who occurs among `winners` and `losers`, ids of equal length.

    Finite strengths exist if and only if every item can be reached from every other by a chain of wins (Ford 1957,
    Am. Math. Monthly 64(8)); else see `BradleyTerry.regularised`. Errors come from the information, constrained to sum
    zero.
    """
    names = sorted({*winners, *losers})
    codes = {name: code for code, name in enumerate(names)}
    won, lost = (side.map(codes).to_numpy(dtype=np.int64) for side in (winners, losers))
    size = len(names)
    wins = coo_array((np.ones(len(won)), (won, lost)), shape=(size, size)).toarray()
    chained = size > 0 and connected_components(wins, directed=True, connection="strong")[0] == 1
    pseudo = 0.0 if chained else 0.5
    strengths, information = _fit(wins, pseudo=pseudo)
    return BradleyTerry(
        n=len(won),
        regularised=bool(size) and not chained,
        items=pd.DataFrame(
            {
                "strength": strengths,
                "se": np.sqrt(np.clip(np.diag(np.linalg.pinv(information)), 0, None)) if size else strengths,
                "wins": wins.sum(axis=1).astype(int),
                "choices": (wins.sum(axis=0) + wins.sum(axis=1)).astype(int),
            },
            index=pd.Index(names, name="conversation_id", dtype=object),
        ),
    )


def _fit(wins: Floats, *, pseudo: float) -> tuple[Floats, Floats]:
    """Newton's method on the log likelihood; `pseudo` wins and losses of everyone against strength 0."""
    meetings = wins + wins.T
    strengths = np.zeros(len(wins))
    information = np.zeros_like(wins)
    for _ in range(_STEPS):
        beats = expit(strengths[:, None] - strengths[None, :])
        average = expit(strengths)
        gradient = (wins - meetings * beats).sum(axis=1) + pseudo - 2 * pseudo * average
        weights = meetings * beats * (1 - beats)
        information = np.diag(weights.sum(axis=1) + 2 * pseudo * average * (1 - average)) - weights
        step = np.linalg.pinv(information) @ gradient
        # A full step from far away may overshoot, so none is longer than two log odds.
        strengths = strengths + step / max(1.0, float(np.abs(step).max(initial=0)) / 2)
        if np.abs(step).max(initial=0) < _CONVERGED:
            break
    return strengths - strengths.mean() if len(strengths) else strengths, information
