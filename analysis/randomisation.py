"""What chance dealt out: people per condition, scenarios per round, and whether the counts look like chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from scipy.stats import chisquare

from analysis.columns import CONDITIONS


@dataclass(frozen=True, slots=True)
class Randomisation:
    """Counts over everyone who was recruited, before exclusions for incomplete sessions or assistance."""

    by_condition: Mapping[str, int]
    p_equal: float | None
    """Chi-square test of equal shares over the conditions that occur; None below two of them or without people."""
    scenarios: Mapping[str, Mapping[str, int]]
    """scenario -> round -> conversations."""
    p_scenarios: float | None
    """The same test over the scenarios of round 1."""


def randomisation(recruited: pd.DataFrame, conversations: pd.DataFrame) -> Randomisation:
    """`recruited`: rows of `participants`; `conversations`: all conversations of the dataset."""
    dealt = recruited["condition"].value_counts()
    theirs = conversations[conversations["participant_id"].isin(recruited["participant_id"])]
    named = theirs[theirs["scenario"] != ""]
    table = pd.crosstab(named["scenario"], named["round"]) if len(named) else pd.DataFrame()
    scenarios = {
        str(scenario): {f"{round_:g}": int(count) for round_, count in row.items()}
        for scenario, row in table.iterrows()
    }
    return Randomisation(
        by_condition={condition: int(dealt.get(condition, 0)) for condition in CONDITIONS},
        p_equal=_p_equal([int(dealt.get(c, 0)) for c in CONDITIONS if dealt.get(c, 0)]),
        scenarios=scenarios,
        p_scenarios=_p_equal([rounds.get("1", 0) for rounds in scenarios.values()]),
    )


def _p_equal(observed: list[int]) -> float | None:
    if len(observed) < 2 or not sum(observed):
        return None
    return float(chisquare(observed).pvalue)
