"""Felt beside expressed empathy: trait scales and self-assessments against the judge (LE-73 to LE-79, C-16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from scipy.stats import pearsonr

from analysis.regression import spread
from analysis.scored import OVERALL
from core.dimensions import DIMENSIONS

JORDAN_ITEMS = tuple(f"jordan_{number}" for number in range(1, 8))
AGAINST = {
    "empathized": OVERALL,
    "understanding": "demonstrating_understanding",
    "elaboration": "encouraging_elaboration",
    "desire_to_help": OVERALL,
}
"""What the judge saw that each self-assessment item is set beside; the paper leaves the fourth item out."""
TOP_TWO = 4
"""The two highest of five answers begin here."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's r with its two-sided p; None below three pairs or when one side never varies."""

    n: int
    r: float | None
    r2: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class SelfReport:
    """One item at one level: its correlation with the judge, and the shares that reach the two highest answers."""

    n: int
    r2: float | None
    p: float | None
    top_two_self: float | None
    top_two_judge: float | None
    """None for items set beside the overall score, which has no five answers."""
    against: str


def traits(responses: pd.DataFrame, conversations: pd.DataFrame) -> dict[str, Correlation]:
    """`jordan` (sum of seven items, 7-35, all answered) and `sites` (one item) against each person's mean overall."""
    performance = conversations.groupby("participant_id")[OVERALL].mean()
    return {name: correlation(trait, performance) for name, trait in trait_scores(responses).items()}


def traits_by_dimension(responses: pd.DataFrame, conversations: pd.DataFrame) -> dict[str, Mapping[str, Correlation]]:
    """The same against each person's mean of every dimension."""
    means = conversations.groupby("participant_id")[[str(d) for d in DIMENSIONS]].mean()
    return {
        name: {str(d): correlation(trait, means[str(d)]) for d in DIMENSIONS}
        for name, trait in trait_scores(responses).items()
    }


def trait_scores(responses: pd.DataFrame) -> dict[str, pd.Series]:
    """Each trait by participant; who left an item out has no score."""
    jordan = answers(responses, "jordan").unstack("item").reindex(columns=pd.Index(JORDAN_ITEMS))
    sites = answers(responses, "sites").unstack("item").reindex(columns=pd.Index(["sites"]))
    return {"jordan": jordan.sum(axis=1, skipna=False), "sites": sites["sites"]}


def self_report(responses: pd.DataFrame, conversations: pd.DataFrame) -> dict[str, Mapping[str, SelfReport]]:
    """item -> level: `conversation`, `participant` (means over the person's rounds), `first_conversation` (LE-77)."""
    told = answers(responses, "self_assessment", by_round=True).unstack("item")
    judged = conversations.set_index(["participant_id", "round"])
    return {item: _levels(told, judged, item, against) for item, against in AGAINST.items()}


def felt_and_expressed(responses: pd.DataFrame, conversations: pd.DataFrame) -> pd.DataFrame:
    """One row per person with a judged conversation: disposition, what they felt, what the judge saw (LE-79).

    Columns: `participant_id`; `jordan`, `sites`; the four self-assessment items and, as `judged:<measure>`, what they
    are set beside, both as means over the person's rounds. NaN where something is missing.
    """
    told = answers(responses, "self_assessment", by_round=True).unstack("item").reindex(columns=pd.Index([*AGAINST]))
    measures = list(dict.fromkeys(AGAINST.values()))
    judged = conversations.groupby("participant_id")[measures].mean().dropna(how="all").add_prefix("judged:")
    felt = told.groupby(level="participant_id").mean()
    return judged.join(pd.DataFrame(trait_scores(responses))).join(felt).rename_axis("participant_id").reset_index()


def answers(responses: pd.DataFrame, instrument: str, *, by_round: bool = False) -> pd.Series:
    """Numeric answers of one instrument, indexed by participant (and round) and item; the latest answer counts."""
    rows = responses[responses["instrument"] == instrument].sort_values("answered_at", kind="stable")
    index = ["participant_id", "round", "item"] if by_round else ["participant_id", "item"]
    last = rows.drop_duplicates(subset=index, keep="last").set_index(index)["value"]
    return pd.to_numeric(last.where(last != ""), errors="coerce").astype(float)


def correlation(left: pd.Series, right: pd.Series) -> Correlation:
    """Pearson's r over the index that both have, missing values left out."""
    pairs = pd.concat([left, right], axis=1, join="inner").dropna().to_numpy(dtype=float)
    if len(pairs) < 3 or not all(spread(side) for side in pairs.T):
        return Correlation(n=len(pairs), r=None, r2=None, p=None)
    found = pearsonr(pairs[:, 0], pairs[:, 1])
    r = float(found.statistic)
    return Correlation(n=len(pairs), r=r, r2=r * r, p=float(found.pvalue))


def _levels(told: pd.DataFrame, judged: pd.DataFrame, item: str, against: str) -> dict[str, SelfReport]:
    own = told[item] if item in told.columns else pd.Series(dtype=float, index=told.index[:0])
    pairs = pd.DataFrame({"own": own, "judge": judged[against]}).dropna()
    rounds = pairs.index.get_level_values("round")
    return {
        "conversation": _report(pairs, against),
        "participant": _report(pairs.groupby(level="participant_id").mean(), against),
        "first_conversation": _report(pairs[rounds == 1], against),
    }


def _report(pairs: pd.DataFrame, against: str) -> SelfReport:
    found = correlation(pairs["own"], pairs["judge"])
    return SelfReport(
        n=found.n,
        r2=found.r2,
        p=found.p,
        top_two_self=_top_two(pairs["own"]),
        top_two_judge=None if against == OVERALL else _top_two(pairs["judge"]),
        against=against,
    )


def _top_two(values: pd.Series) -> float | None:
    return float((values >= TOP_TWO).mean()) if len(values) else None
