"""Bradley-Terry strengths from pairwise choices, with errors, and with a stated answer where likelihood has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from judges.bradley_terry import Strengths
from judges.bradley_terry import bradley_terry as fit
from judges.elo import Outcome


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

    `judges.bradley_terry` fits them: where somebody is out of reach of somebody along every chain of wins, see
    `BradleyTerry.regularised`. Errors come from the information, with the sum held at 0.
    """
    names = sorted({*winners, *losers})
    choices = [Outcome(winner, loser, share=1.0) for winner, loser in zip(winners, losers, strict=True)]
    fitted = fit(names, choices) if names else Strengths((), np.empty(0), np.empty((0, 0)), is_separated=False)
    wins, losses = (side.value_counts().reindex(names, fill_value=0).to_numpy(dtype=int) for side in (winners, losers))
    items = {"strength": fitted.estimates, "se": fitted.errors, "wins": wins, "choices": wins + losses}
    return BradleyTerry(
        n=len(choices),
        regularised=fitted.is_separated,
        items=pd.DataFrame(items, index=pd.Index(names, name="conversation_id", dtype=object)),
    )
