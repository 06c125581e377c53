"""The exclusion flow: from the rows of `participants` to the people who are analysed (LE-27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.columns import CONDITIONS
from analysis.plan import PREREGISTERED_EXCLUSIONS, Exclusion


@dataclass(frozen=True, slots=True)
class Flow:
    """How many people each rule left out, in the order in which the rules are applied."""

    rows: int
    """Rows of the file."""
    resent: int
    """Of them, repeated verbatim."""
    pilots: int
    """Participants left out as pilots; 0 when pilots count."""
    re_entries: int
    """Later sessions of an external id that came before."""
    recruited: int
    incomplete: int
    """Recruited with an empty `finished_at`."""
    ai_assistance: int
    """Finished, and said that a model helped them."""
    analysed: int
    by_condition: Mapping[str, int]
    pilots_counted: int
    """Pilots among the analysed; 0 unless they were asked for."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The flow, and the rows of `participants` at two of its stations."""

    flow: Flow
    recruited: pd.DataFrame
    analysed: pd.DataFrame


def select(
    participants: pd.DataFrame,
    *,
    resent: int = 0,
    pilots: bool = False,
    exclusions: tuple[Exclusion, ...] = PREREGISTERED_EXCLUSIONS,
) -> Selection:
    """Apply the exclusions in their fixed order: pilots (unless `pilots`), re-entries, incomplete, model assistance.

    `participants`: one row per participant id with `condition`, `pilot`, `started_at`, `finished_at` (seconds, NaN =
    empty), `ai_assistance`, `external_id` and `study`. Of several sessions with one external id in one study the
    first by `started_at` stays (an unknown start counts as last, equals stay in file order); an empty id is nobody's.
    """
    kept = participants if pilots else participants[~participants["pilot"]]
    recruited = kept[~_is_re_entry(kept)]
    incomplete = recruited["finished_at"].isna() & (Exclusion.INCOMPLETE in exclusions)
    assisted = (recruited["ai_assistance"] == "yes") & ~incomplete & (Exclusion.AI_ASSISTANCE in exclusions)
    analysed = recruited[~incomplete & ~assisted]
    counts = analysed["condition"].value_counts()
    flow = Flow(
        rows=len(participants) + resent,
        resent=resent,
        pilots=len(participants) - len(kept),
        re_entries=len(kept) - len(recruited),
        recruited=len(recruited),
        incomplete=int(incomplete.sum()),
        ai_assistance=int(assisted.sum()),
        analysed=len(analysed),
        by_condition={condition: int(counts.get(condition, 0)) for condition in CONDITIONS},
        pilots_counted=int(analysed["pilot"].sum()),
    )
    return Selection(flow=flow, recruited=recruited, analysed=analysed)


def _is_re_entry(participants: pd.DataFrame) -> pd.Series:
    by_start = participants.sort_values("started_at", kind="stable", na_position="last")
    again = by_start.duplicated(subset=["study", "external_id"]) & (by_start["external_id"] != "")
    return again.reindex(participants.index)
