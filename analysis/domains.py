"""Are some troubles easier to listen to: standardised means by kind of trouble before any training (LE-113)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.means import Mean, mean_of, standardised
from core.dimensions import DIMENSIONS


def domains(conversations: pd.DataFrame) -> dict[str, Mapping[str, Mean]]:
    """trouble type -> dimension -> mean with 95 % interval, over conversations of round 1 (one per person).

    In SD from the mean of all round-1 conversations.
    """
    first = conversations[conversations["round"] == 1]
    kinds = first["trouble_type"].to_numpy()
    scaled = {str(d): standardised(first[str(d)].to_numpy(dtype=float)) for d in DIMENSIONS}
    return {
        kind: {dimension: mean_of(values[kinds == kind]) for dimension, values in scaled.items()}
        for kind in trouble_types(first)
    }


def trouble_types(conversations: pd.DataFrame) -> list[str]:
    """The kinds of trouble that occur, by name."""
    return sorted(str(kind) for kind in np.unique(conversations["trouble_type"].astype(str)) if kind)
