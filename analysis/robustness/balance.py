"""Whether chance dealt out comparable people: what was known before training, condition against control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import f_oneway

from analysis.columns import CONDITIONS, REFERENCE, TREATMENTS
from analysis.contrasts import holm
from analysis.felt import trait_scores
from analysis.scored import MEASURES

WORTH_A_LOOK = 0.1
"""Standardised differences from here on are marked (Austin 2009, Stat. Med. 28)."""


@dataclass(frozen=True, slots=True)
class Balance:
    """One thing known before training."""

    n: int
    mean: float | None
    """In control."""
    differences: Mapping[str, float | None]
    """treatment -> its mean minus control's, divided by the root of the mean of both variances."""
    p: float | None
    """One-way analysis of variance over all conditions; None where a condition has nobody or nothing varies."""
    p_holm: float | None
    """With Holm's correction over everything in the table."""


def balance(analysed: pd.DataFrame, conversations: pd.DataFrame, responses: pd.DataFrame) -> dict[str, Balance]:
    """Age, shares of sex and ethnicity, trait scales and the scores of round 1 of the analysed people."""
    known = covariates(analysed, conversations, responses)
    conditions = analysed.set_index("participant_id")["condition"].reindex(known.index)
    found = {str(name): _balance(known[name], conditions) for name in known.columns}
    corrected = holm([one.p for one in found.values()])
    return {name: replace(one, p_holm=p) for (name, one), p in zip(found.items(), corrected, strict=True)}


def covariates(analysed: pd.DataFrame, conversations: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """One row per analysed person, by id; an answer that was not given is NaN, shares are 0 and 1."""
    people = analysed.set_index("participant_id")
    columns: dict[str, pd.Series] = {"age": people["age"]}
    for answer in ("sex", "ethnicity"):
        given = people[answer].where(people[answer] != "")
        for value in sorted(given.dropna().unique()):
            columns[f"{answer}: {value}"] = (given == value).astype(float).where(given.notna())
    traits = {name: scores.reindex(people.index) for name, scores in trait_scores(responses).items()}
    first = conversations[conversations["round"] == 1].set_index("participant_id")[[*MEASURES]]
    return pd.DataFrame({**columns, **traits}).join(first.add_prefix("round 1: ")).astype(float)


def _balance(values: pd.Series, conditions: pd.Series) -> Balance:
    groups = {
        condition: values[(conditions == condition) & values.notna()].to_numpy(dtype=float) for condition in CONDITIONS
    }
    control = groups[REFERENCE]
    present = [group for group in groups.values() if len(group)]
    varies = len(present) > 1 and min(map(len, present)) > 1 and np.ptp(np.concatenate(present)) > 0
    apart = varies and any(np.ptp(group) > 0 for group in present)
    return Balance(
        n=sum(map(len, groups.values())),
        mean=float(control.mean()) if len(control) else None,
        differences={treatment: _standardised(groups[treatment], control) for treatment in TREATMENTS},
        p=float(f_oneway(*present).pvalue) if apart else None,
        p_holm=None,
    )


def _standardised(treated: np.ndarray, control: np.ndarray) -> float | None:
    if min(len(treated), len(control)) < 2:
        return None
    spread = float(np.sqrt((treated.var(ddof=1) + control.var(ddof=1)) / 2))
    return float(treated.mean() - control.mean()) / spread if spread > 0 else None
