"""The scores of every judge and of people, side by side and by repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.scored import MEASURES, side_by_side

PERSON = "human:"
"""How the model of a score by a person begins."""
_REPEAT = ["judge", "rubric_version", "repeat"]


@dataclass(frozen=True, slots=True)
class Noise:
    """How far repeats of one judge on one conversation lie apart, per measure."""

    variance: Mapping[str, float | None]
    """Pooled within conversations, in points squared; None without a conversation that was judged twice."""
    repeats: pd.DataFrame
    """Conversation id by measure: how many repeats gave a score; 1 where `overall` is made of several repeats."""


def judges(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """model -> the seven measures by conversation id, for every model that is no person."""
    machines = scores[~scores["model"].str.startswith(PERSON)]
    return {str(model): side_by_side(rows) for model, rows in machines.groupby("model")}


def rubrics(scores: pd.DataFrame, model: str) -> dict[str, pd.DataFrame]:
    """Rubric and version -> the measures by `model` under it."""
    mine = scores[scores["model"] == model]
    return {
        f"{judge} {version}".strip(): side_by_side(rows)
        for (judge, version), rows in mine.groupby(["judge", "rubric_version"])
    }


def people(scores: pd.DataFrame) -> pd.DataFrame:
    """The measures by conversation id as people scored them, the mean of those who did; empty without any."""
    theirs = scores[scores["model"].str.startswith(PERSON)]
    each = [side_by_side(rows) for _, rows in theirs.groupby("model")]
    if not each:
        return pd.DataFrame(columns=[*MEASURES], dtype=float)
    return pd.concat(each).groupby(level=0).mean()


def noise(scores: pd.DataFrame, model: str) -> Noise:
    """The noise of `model` from its repeats; `overall` is taken of each repeat by itself."""
    mine = scores[scores["model"] == model]
    each = pd.concat([side_by_side(rows) for _, rows in mine.groupby(_REPEAT)])
    grouped = each.groupby(level=0)
    counts = grouped.count()
    freedom = (counts - 1).clip(lower=0).sum()
    squares = ((each - grouped.transform("mean")) ** 2).sum()
    return Noise(
        variance={
            measure: float(squares[measure] / freedom[measure]) if freedom[measure] else None for measure in MEASURES
        },
        repeats=counts.clip(lower=1),
    )
