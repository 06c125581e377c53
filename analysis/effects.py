"""The preregistered model: condition, round and their product, one regression per dimension (LE-89, LE-90)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.columns import TREATMENTS
from analysis.regression import Fit, Floats, fit_clustered
from analysis.scored import MEASURES

INTERCEPT = "intercept"
POST = "post"
TERMS = (INTERCEPT, *TREATMENTS, POST, *(f"{treatment}:{POST}" for treatment in TREATMENTS))


def effects(conversations: pd.DataFrame) -> dict[str, Fit]:
    """One fit per dimension, in contract order, and one for `overall`.

    `conversations`: rows of `Scored.conversations`: `participant_id`, `condition`, `post` (0 = round 1, 1 = later) and
    the seven measures. A row without a score is left out of that measure's model alone. The standardised estimate is
    divided by the SD (ddof 1) of the measure over all conversations in the model, not by the SD of change (C-4, C-8).
    Source: LE-89 to LE-96; the terms are in the order of `TERMS`.
    """
    return {measure: effect(conversations, measure) for measure in MEASURES}


def effect(conversations: pd.DataFrame, measure: str) -> Fit:
    """The model of one measure; see `effects`."""
    rows = conversations[conversations[measure].notna()]
    return fit_clustered(
        rows[measure].to_numpy(dtype=float),
        design(rows),
        names=TERMS,
        clusters=pd.factorize(rows["participant_id"])[0].astype(np.int64),
    )


def design(rows: pd.DataFrame) -> Floats:
    """The predictors (N, 8) in the order of `TERMS`; control in round 1 is the reference."""
    post = rows["post"].to_numpy(dtype=float)
    arms = [(rows["condition"] == treatment).to_numpy(dtype=float) for treatment in TREATMENTS]
    return np.column_stack([np.ones(len(rows)), *arms, post, *(arm * post for arm in arms)])
