"""Scores before training by sex and by age group (Figure D6, LE-172)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.means import Mean, mean_of, standardised
from analysis.scored import MEASURES, OVERALL

AGE_GROUPS = ("18–29", "30–44", "45–59", "60+")
_FROM = (18, 30, 45, 60)
SEXES = ("female", "male")
BASELINE_SD = "baseline_sd"
"""The overall score of round 1 in SD."""


def age_group(ages: pd.Series) -> pd.Series:
    """The group of each age in years (29 is in the first, 30 in the second); empty below 18 and without an age."""
    at = np.searchsorted(_FROM, ages.to_numpy(dtype=float), side="right")
    named = np.array(["", *AGE_GROUPS], dtype=object)[np.where(ages.isna(), 0, at)]
    return pd.Series(named, index=ages.index, dtype=object)


def first_scores(analysed: pd.DataFrame, conversations: pd.DataFrame) -> pd.DataFrame:
    """One row per person with a conversation in round 1: `sex`, `age_group`, the seven measures and `baseline_sd`."""
    people = analysed[["participant_id", "sex"]].assign(age_group=age_group(analysed["age"]))
    first = conversations.loc[conversations["round"] == 1, ["participant_id", *MEASURES]]
    rows = people.merge(first, on="participant_id")
    return rows.assign(**{BASELINE_SD: standardised(rows[OVERALL].to_numpy(dtype=float))})


def groups(first: pd.DataFrame) -> dict[str, Mapping[str, Mapping[str, Mean]]]:
    """`sex`, `age_group` -> group -> measure (and `baseline_sd`) -> mean with interval; `first`: of `first_scores`."""
    return {
        by: {
            name: {
                measure: mean_of(first.loc[first[by] == name, measure].to_numpy(dtype=float))
                for measure in (*MEASURES, BASELINE_SD)
            }
            for name in names
        }
        for by, names in (("sex", SEXES), ("age_group", AGE_GROUPS))
    }
