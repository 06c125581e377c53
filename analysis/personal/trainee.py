"""What the dataset says of one trainee, next to everybody else who took part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.dataset import Dataset
from analysis.felt import AGAINST, felt_and_expressed
from analysis.flow import Selection
from analysis.regression import Z_95
from analysis.reliable_change import ROUNDS, ReliableChange, Verdict, changes, reliable_change
from analysis.scored import MEASURES, Scored
from core.errors import Unusable

FEWEST = 20
"""People with an answer and a judged conversation below which nobody's standing among them is told."""


@dataclass(frozen=True, slots=True)
class Change:
    """The change of the overall score, round 1 to the mean of rounds 2 and 3, in points."""

    before: float
    after: float
    change: float
    ci_low: float | None
    ci_high: float | None
    """95 % for the change without error of measurement; None where the study has no measurement model."""
    threshold: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Gap:
    """One self-assessment item, as mean over the trainee's rounds, beside what the judge saw."""

    item: str
    measure: str
    told: float
    """1-5."""
    judged: float
    """1-5, or points of `overall`: never put on the answers' scale (C-49)."""
    told_above: float | None
    judged_above: float | None
    """Share of all people whose answer, or judged mean, lies below; half of those with the same value count. None
    where there are too few people."""


@dataclass(frozen=True, slots=True)
class Trainee:
    """All that the personal report shows; nothing in it names anybody."""

    scores: Mapping[int, Mapping[str, float | None]]
    """round -> measure -> score, for the rounds they had."""
    change: Change | None
    """None unless all three conversations have an overall score."""
    gaps: list[Gap]
    judge: str | None


def trainee(
    dataset: Dataset, selection: Selection, scored: Scored, *, participant_id: str, z_reliable: float
) -> Trainee:
    """The trainee with this id; raises `Unusable` for one who is not among the analysed or has no conversation."""
    if participant_id not in set(dataset.participants["participant_id"]):
        raise Unusable(f"no participant has the id {participant_id!r}")
    if participant_id not in set(selection.analysed["participant_id"]):
        raise Unusable(f"{participant_id} is not among the analysed participants; pilots count only with --pilots")
    rows = scored.conversations
    own = rows[rows["participant_id"] == participant_id]
    if own.empty:
        raise Unusable(f"{participant_id} has no conversation")
    model = reliable_change(rows, z_reliable=z_reliable)
    everyone = changes(rows, se_change=model.se_change, z_reliable=z_reliable)
    return Trainee(
        scores={
            int(row["round"]): {m: None if pd.isna(row[m]) else float(row[m]) for m in MEASURES}
            for _, row in own.sort_values("round").iterrows()
            if int(row["round"]) in ROUNDS
        },
        change=_change(everyone[everyone["participant_id"] == participant_id], model),
        gaps=_gaps(felt_and_expressed(dataset.responses, rows).set_index("participant_id"), participant_id),
        judge=scored.model,
    )


def _change(own: pd.DataFrame, model: ReliableChange) -> Change | None:
    if own.empty:
        return None
    one = own.iloc[0]
    reach = None if model.se_change is None else Z_95 * model.se_change
    change = float(one["change"])
    return Change(
        before=float(one["before"]),
        after=float(one["after"]),
        change=change,
        ci_low=None if reach is None else change - reach,
        ci_high=None if reach is None else change + reach,
        threshold=model.threshold,
        verdict=Verdict(one["verdict"]),
    )


def _gaps(people: pd.DataFrame, participant_id: str) -> list[Gap]:
    found = []
    for item, measure in AGAINST.items():
        pairs = people[[item, f"judged:{measure}"]].dropna()
        if participant_id not in pairs.index:
            continue
        told, judged = (pairs[name] for name in pairs.columns)
        enough = len(pairs) >= FEWEST
        found.append(
            Gap(
                item=item,
                measure=measure,
                told=float(told[participant_id]),
                judged=float(judged[participant_id]),
                told_above=_standing(told, participant_id) if enough else None,
                judged_above=_standing(judged, participant_id) if enough else None,
            )
        )
    return found


def _standing(values: pd.Series, participant_id: str) -> float:
    own = values[participant_id]
    others = values.drop(participant_id)
    return float((others < own).mean() + (others == own).mean() / 2)
