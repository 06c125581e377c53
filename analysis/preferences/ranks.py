"""People's ranking of the conversations beside the judge's scores and the model's ratings (LE-161, LE-170)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from analysis.bradley_terry import BradleyTerry, bradley_terry
from analysis.regression import spread
from analysis.scored import OVERALL

DECILES = 10


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Spearman's rho, ties sharing their mean rank, with its two-sided p; None below three or when a side is flat."""

    n: int
    rho: float | None
    p: float | None


def strengths(rows: pd.DataFrame) -> dict[str, BradleyTerry]:
    """scenario -> Bradley-Terry strengths from the choices of one rater per sequence."""
    left = rows["choice"] == "left"
    winners = rows["left_id"].where(left, rows["right_id"])
    losers = rows["right_id"].where(left, rows["left_id"])
    by_scenario = rows.groupby("scenario").groups
    return {str(scenario): bradley_terry(winners[at], losers[at]) for scenario, at in by_scenario.items()}


def ranking(found: Mapping[str, BradleyTerry], scores: pd.DataFrame, ratings: pd.Series) -> pd.DataFrame:
    """One row per compared conversation: `scenario`, `conversation_id`, `strength`, `overall`, `elo` (NaN = none)."""
    frames = [one.items.reset_index().assign(scenario=scenario) for scenario, one in found.items()]
    columns = ["scenario", "conversation_id", "strength", "se", "wins", "choices"]
    rows = pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
    overall = scores[OVERALL].reindex(rows["conversation_id"]).to_numpy(dtype=float)
    return rows.assign(overall=overall, elo=ratings.reindex(rows["conversation_id"]).to_numpy(dtype=float))


def rank_correlation(left: pd.Series, right: pd.Series) -> RankCorrelation:
    """Over the rows in which both are there."""
    pairs = pd.DataFrame({"left": left, "right": right}).dropna().to_numpy(dtype=float)
    if len(pairs) < 3 or not all(spread(side) for side in pairs.T):
        return RankCorrelation(n=len(pairs), rho=None, p=None)
    found = spearmanr(pairs[:, 0], pairs[:, 1])
    return RankCorrelation(n=len(pairs), rho=float(found.statistic), p=float(found.pvalue))


def by_decile(conversations: pd.DataFrame, ratings: pd.Series) -> pd.DataFrame:
    """Mean Elo by tenth of the overall score within a scenario: `scenario`, `decile` (1-10), `n`, `elo`, `se`.

    `conversations`: rows of `Scored.conversations`; those without an overall score or a rating are left out. Equal
    scores share a decile, the one of their mean rank.
    """
    rated = conversations.assign(elo=ratings.reindex(conversations["conversation_id"]).to_numpy(dtype=float))
    rated = rated[rated["elo"].notna() & rated[OVERALL].notna() & (rated["scenario"] != "")]
    place = rated.groupby("scenario")[OVERALL].rank(method="average", pct=True)
    rated = rated.assign(decile=np.ceil(place * DECILES).clip(1, DECILES).astype(int))
    groups = rated.groupby(["scenario", "decile"])["elo"]
    return pd.DataFrame({"n": groups.size(), "elo": groups.mean(), "se": groups.sem()}).reset_index()
