"""Age and sex: who starts higher, who gains more, and whether training works differently (LE-111, LE-112)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.columns import TREATMENTS
from analysis.regression import Fit, Floats, fit_hc3, spread

BASELINE_TERMS = ("intercept", "age", "female")
CHANGE_TERMS = (
    *BASELINE_TERMS,
    "baseline",
    *TREATMENTS,
    *(f"{treatment}:female" for treatment in TREATMENTS),
    *(f"{treatment}:age" for treatment in TREATMENTS),
)


def demographics(analysed: pd.DataFrame, people: pd.DataFrame, conversations: pd.DataFrame) -> dict[str, Fit]:
    """`baseline`: overall score of round 1 on age and sex; `change`: change on them, baseline, condition and products.

    OLS with HC3 errors and normal p. Baseline and change are in SD (z scores over everyone who has them, ddof 1);
    age is in years. People without an age, or whose sex is not given as female or male, are left out of both models:
    the term compares women with men. Source: Table D3 (LE-111, LE-112).
    """
    known = analysed.loc[analysed["age"].notna() & analysed["sex"].isin(["female", "male"])]
    known = known.assign(female=(known["sex"] == "female").astype(float))
    first = conversations.loc[(conversations["round"] == 1) & conversations["overall"].notna()]
    start = first[["participant_id"]].assign(score=_z(first["overall"]))
    gain = people[["participant_id"]].assign(gain=_z(people["change"]))
    rows = known.merge(start, on="participant_id")
    return {"baseline": _baseline(rows), "change": _change(rows.merge(gain, on="participant_id"))}


def _baseline(rows: pd.DataFrame) -> Fit:
    predictors = np.column_stack([np.ones(len(rows)), rows["age"], rows["female"]]).astype(float)
    return fit_hc3(rows["score"].to_numpy(dtype=float), predictors, names=BASELINE_TERMS)


def _change(rows: pd.DataFrame) -> Fit:
    arms: list[Floats] = [np.asarray(rows["condition"] == treatment, dtype=np.float64) for treatment in TREATMENTS]
    female, age = rows["female"].to_numpy(dtype=float), rows["age"].to_numpy(dtype=float)
    predictors = np.column_stack(
        [
            np.ones(len(rows)),
            age,
            female,
            rows["score"].to_numpy(dtype=float),
            *arms,
            *(arm * female for arm in arms),
            *(arm * age for arm in arms),
        ]
    )
    return fit_hc3(rows["gain"].to_numpy(dtype=float), predictors, names=CHANGE_TERMS)


def _z(values: pd.Series) -> pd.Series:
    sd = spread(values.to_numpy(dtype=float))
    return (values - values.mean()) / sd if sd else values * 0.0
