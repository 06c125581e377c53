"""Conversations with their scores side by side: the rows that every model is fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.dimensions import DIMENSIONS, PRESCRIPTIVE
from core.errors import Unusable

OVERALL = "overall"
MEASURES = (*(str(dimension) for dimension in DIMENSIONS), OVERALL)
"""The six dimensions in contract order, then overall."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One row per conversation of the analysed, and the judge the scores come from."""

    conversations: pd.DataFrame
    """`participant_id`, `condition`, `round`, `post` (0 = round 1, else 1), the columns of `conversations`, and the
    seven measures as floats (NaN = the judge gave none)."""
    model: str | None
    """The judge's model; None when there are no scores."""
    measures: pd.DataFrame
    """The seven measures of every conversation that the judge scored, by conversation id, analysed or not."""
    rubrics: tuple[str, ...]
    """Rubric and version, one per kind found; more than one is a deviation."""


def scored_conversations(
    scores: pd.DataFrame, conversations: pd.DataFrame, analysed: pd.DataFrame, *, judge_model: str | None = None
) -> Scored:
    """The conversations of `analysed` (rows of `participants`) with each dimension's mean over the judge's repeats.

    `overall` is the sum of the prescriptive minus that of the proscriptive dimensions (LE-83), and missing unless all
    six are there; conversations outside rounds are left out. Raises `Unusable` when `scores` has several models and
    none is named, or not the one that is.
    """
    model = choose_model(scores, judge_model)
    chosen = scores[scores["model"] == model]
    people = analysed[["participant_id", "condition"]]
    rows = conversations[conversations["round"].notna()].merge(
        people, on="participant_id", how="inner", validate="many_to_one"
    )
    rows["post"] = (rows["round"] > 1).astype(float)
    measures = side_by_side(chosen)
    rows = rows.merge(measures, left_on="conversation_id", right_index=True, how="left")
    rubrics = chosen[["judge", "rubric_version"]].drop_duplicates()
    return Scored(
        conversations=rows,
        model=model,
        measures=measures,
        rubrics=tuple(sorted(f"{judge} {version}".strip() for judge, version in rubrics.itertuples(index=False))),
    )


def choose_model(scores: pd.DataFrame, named: str | None) -> str | None:
    """The model whose scores count; None when there are no scores at all. Raises `Unusable` as told above."""
    models = sorted(scores["model"].unique())
    if named is not None:
        if named not in models:
            raise Unusable(f"--judge-model {named}: scores has {_listed(models)}")
        return named
    if len(models) > 1:
        raise Unusable(f"scores come from {len(models)} models; name one with --judge-model: {_listed(models)}")
    return models[0] if models else None


def _listed(models: list[str]) -> str:
    return ", ".join(models) if models else "no scores"


def side_by_side(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean score over repeats by conversation id and dimension, and `overall`; `scores` are those of one model."""
    means = scores.groupby(["conversation_id", "dimension"])["score"].mean()
    wide = means.unstack("dimension").reindex(columns=pd.Index([str(d) for d in DIMENSIONS])).astype(float)
    for_, against = MEASURES[: len(PRESCRIPTIVE)], MEASURES[len(PRESCRIPTIVE) : len(DIMENSIONS)]
    wide[OVERALL] = wide[list(for_)].sum(axis=1, skipna=False) - wide[list(against)].sum(axis=1, skipna=False)
    return wide
