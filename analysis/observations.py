"""The rows that the models are fitted on, from a dataset in one step."""

from __future__ import annotations

import pandas as pd

from analysis.dataset import Dataset
from analysis.flow import select
from analysis.scored import scored_conversations


def observations(dataset: Dataset, *, pilots: bool = False, judge_model: str | None = None) -> pd.DataFrame:
    """One row per conversation of everyone who is analysed, after the exclusions of the dataset's plan.

    Columns: those of `conversations`, `condition`, `post` (0 = round 1, 1 = later), the six dimensions (1-5, means of
    the judge's repeats; NaN = none was given) and `overall` (-12 to 12; NaN unless all six are there). Raises
    `Unusable` where several models judged and none is named.
    """
    exclusions = tuple(dataset.plan.content.exclude)
    analysed = select(dataset.participants, resent=dataset.resent, pilots=pilots, exclusions=exclusions).analysed
    return scored_conversations(dataset.scores, dataset.conversations, analysed, judge_model=judge_model).conversations
