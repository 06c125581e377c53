"""Who was lost after allocation, by condition: a difference would unmake what chance had made equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.columns import CONDITIONS, REFERENCE


@dataclass(frozen=True, slots=True)
class Lost:
    """One condition: recruited people who are not analysed, and their share beyond that of control."""

    recruited: int
    lost: int
    share: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    """95 % by Newcombe's hybrid score method (1998, Stat. Med. 17, method 10)."""


@dataclass(frozen=True, slots=True)
class Attrition:
    """Losses of all conditions, with the chi-square test of equal shares; None where nobody or everybody is lost."""

    by_condition: Mapping[str, Lost]
    p_equal: float | None


def attrition(recruited: pd.DataFrame, analysed: pd.DataFrame) -> Attrition:
    """`recruited` and `analysed`: rows of `participants`, the second a part of the first."""
    lost = ~recruited["participant_id"].isin(analysed["participant_id"])
    counts = {
        condition: (int(here.sum()), int((here & lost).sum()))
        for condition in CONDITIONS
        for here in [recruited["condition"] == condition]
    }
    control = counts[REFERENCE]
    return Attrition(
        by_condition={
            condition: _lost(count, None if condition == REFERENCE else control) for condition, count in counts.items()
        },
        p_equal=_p_equal([(n - gone, gone) for n, gone in counts.values() if n]),
    )


def _lost(count: tuple[int, int], control: tuple[int, int] | None) -> Lost:
    n, gone = count
    share = gone / n if n else None
    if share is None or control is None or not control[0]:
        return Lost(n, gone, share, None, None, None)
    low, high = confint_proportions_2indep(gone, n, control[1], control[0], method="newcomb", compare="diff")
    return Lost(n, gone, share, share - control[1] / control[0], float(low), float(high))


def _p_equal(table: list[tuple[int, int]]) -> float | None:
    counts = np.array(table)
    if len(counts) < 2 or not counts.sum(axis=0).all():
        return None
    return float(chi2_contingency(counts, correction=False).pvalue)
