"""One person who improved a lot, before and after: the example of Figure 4 (LE-168)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.reliable_change import ROUNDS
from analysis.trajectories import COACHED
from core.dimensions import DIMENSIONS

SHOWN = 6
"""Messages of each conversation that the example shows."""


@dataclass(frozen=True, slots=True)
class Example:
    """A coached participant with the opening lines of the first and last conversation and every score between."""

    participant_id: str
    condition: str
    change: float
    first: tuple[tuple[str, str], ...]
    """(role, text) of the first messages of round 1."""
    last: tuple[tuple[str, str], ...]
    """The same of round 3."""
    scores: pd.DataFrame
    """Rounds 1-3 by dimension."""


def example(people: pd.DataFrame, conversations: pd.DataFrame, messages: pd.DataFrame) -> Example | None:
    """The coached person with the largest change whose words are in the dataset; of equals the first by id.

    `people`: of `reliable_change.changes`. None when nobody was coached, or the words are not there.
    """
    spoken = messages[messages["role"].isin(["seeker", "supporter"])].sort_values("seq", kind="stable")
    by_round = {round_: rows.set_index("participant_id") for round_, rows in conversations.groupby("round")}
    if not {1.0, 2.0, 3.0} <= set(by_round):
        return None
    told = set(spoken["conversation_id"])
    coached = people[people["condition"].isin(COACHED)]
    ranked = coached.sort_values(["change", "participant_id"], ascending=[False, True], kind="stable")
    for row in ranked.itertuples():
        who = str(row.participant_id)
        first, last = (str(by_round[round_].at[who, "conversation_id"]) for round_ in (1.0, 3.0))
        if {first, last} <= told:
            scores = pd.DataFrame({round_: by_round[round_].loc[who, [*map(str, DIMENSIONS)]] for round_ in ROUNDS}).T
            return Example(
                who, str(row.condition), float(str(row.change)), _lines(spoken, first), _lines(spoken, last), scores
            )
    return None


def _lines(spoken: pd.DataFrame, conversation: str) -> tuple[tuple[str, str], ...]:
    rows = spoken.loc[spoken["conversation_id"] == conversation, ["role", "text"]].head(SHOWN)
    return tuple((str(role), str(text)) for role, text in rows.itertuples(index=False))
