"""How each dimension moves over the three conversations of coached people, by kind of trouble (LE-114)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.domains import trouble_types
from analysis.means import Mean, mean_of, standardised
from analysis.reliable_change import ROUNDS
from core.dimensions import DIMENSIONS

COACHED = ("ai_coach", "combined")


def trajectories(conversations: pd.DataFrame) -> dict[str, Mapping[str, Mapping[str, Mean]]]:
    """trouble type -> dimension -> round -> mean with standard error, over conversations of coached people.

    In SD from the mean of all their conversations in the three rounds; a person has one conversation per round.
    """
    rows = conversations[conversations["condition"].isin(COACHED) & conversations["round"].isin(ROUNDS)]
    scaled = {str(d): standardised(rows[str(d)].to_numpy(dtype=float)) for d in DIMENSIONS}
    kinds, rounds = rows["trouble_type"].to_numpy(), rows["round"].to_numpy()
    return {
        kind: {
            dimension: {str(round_): mean_of(values[(kinds == kind) & (rounds == round_)]) for round_ in ROUNDS}
            for dimension, values in scaled.items()
        }
        for kind in trouble_types(rows)
    }
