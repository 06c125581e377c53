"""Reliable change: who changed by more than the error of measurement explains (LE-106 to LE-110)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from analysis.columns import CONDITIONS, REFERENCE
from analysis.plan import Z_RELIABLE
from analysis.regression import spread
from analysis.scored import OVERALL
from analysis.variance import variance_components

ROUNDS = (1, 2, 3)


class Verdict(StrEnum):
    """What the index says of one person."""

    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    DECLINED = "declined"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """One condition: fractions and counts of its classified people, mean and SD (ddof 1) of change in points."""

    n: int
    improved: float | None
    declined: float | None
    n_improved: int | None
    n_declined: int | None
    mean_change: float | None
    sd_change: float | None


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """The measurement model of the control condition and what follows from it; None where it is undefined."""

    var_between: float | None
    var_error: float | None
    reliability: float | None
    """Of a single conversation's overall score."""
    se_change: float | None
    threshold: float | None
    """Change in points from which on it is reliable."""
    by_condition: Mapping[str, ConditionChange]
    note: str | None = None


def reliable_change(conversations: pd.DataFrame, *, z_reliable: float = Z_RELIABLE) -> ReliableChange:
    """Fit the measurement model on every control conversation with an overall score, then classify everyone.

    `conversations`: rows of `Scored.conversations`. Only people with an overall score in rounds 1, 2 and 3 are
    classified; see `changes`. Without control or without error variance the shares are None and `note` says why.
    """
    control = conversations[(conversations["condition"] == REFERENCE) & conversations[OVERALL].notna()]
    found = variance_components(
        control[OVERALL].to_numpy(dtype=float), pd.factorize(control["participant_id"])[0].astype(np.int64)
    )
    se = None if found.error is None else standard_error_of_change(found.error)
    people = changes(conversations, se_change=se, z_reliable=z_reliable)
    return ReliableChange(
        var_between=found.between,
        var_error=found.error,
        reliability=reliability(found.between, found.error),
        se_change=se,
        threshold=None if se is None else z_reliable * se,
        by_condition={condition: _condition(people[people["condition"] == condition]) for condition in CONDITIONS},
        note=found.note,
    )


def reliability(between: float | None, error: float | None) -> float | None:
    """Share of a single score's variance that lies between persons (LE-107)."""
    if between is None or error is None or between + error <= 0:
        return None
    return between / (between + error)


def standard_error_of_change(error: float) -> float:
    """SD of error alone in (mean of two conversations) - (one conversation), given the error variance (LE-108)."""
    return float(np.sqrt(error + error / 2))


def changes(conversations: pd.DataFrame, *, se_change: float | None, z_reliable: float = Z_RELIABLE) -> pd.DataFrame:
    """One row per person with all three overall scores, ordered as they come.

    Columns: `participant_id`, `condition`, `before` (round 1), `after` (mean of rounds 2 and 3), `change` in points,
    `z` (change / `se_change`; NaN without one) and `verdict`.
    """
    rows = conversations[conversations["round"].isin(ROUNDS)]
    wide = rows.pivot(index="participant_id", columns="round", values=OVERALL).reindex(columns=[*map(float, ROUNDS)])
    wide = wide.dropna()
    people = pd.DataFrame({"before": wide[1.0], "after": (wide[2.0] + wide[3.0]) / 2})
    people["change"] = people["after"] - people["before"]
    people["z"] = people["change"] / se_change if se_change else np.nan
    people["verdict"] = [str(verdict(z, z_reliable=z_reliable)) for z in people["z"]]
    conditions = rows.drop_duplicates("participant_id").set_index("participant_id")["condition"]
    people.insert(0, "condition", conditions.reindex(people.index).astype(object))
    return people.reset_index()


def verdict(z: float, *, z_reliable: float = Z_RELIABLE) -> Verdict:
    """Improved from `z_reliable` on, declined from `-z_reliable` on, both ends included (LE-109)."""
    if not np.isfinite(z):
        return Verdict.UNKNOWN
    if abs(z) < z_reliable:
        return Verdict.UNCHANGED
    return Verdict.IMPROVED if z > 0 else Verdict.DECLINED


def _condition(people: pd.DataFrame) -> ConditionChange:
    n = len(people)
    known = n > 0 and (people["verdict"] != Verdict.UNKNOWN).all()
    improved = int((people["verdict"] == Verdict.IMPROVED).sum()) if known else None
    declined = int((people["verdict"] == Verdict.DECLINED).sum()) if known else None
    return ConditionChange(
        n=n,
        improved=None if improved is None else improved / n,
        declined=None if declined is None else declined / n,
        n_improved=improved,
        n_declined=declined,
        mean_change=float(people["change"].mean()) if n else None,
        sd_change=spread(people["change"].to_numpy(dtype=float)),
    )
