"""How many supporter messages say exactly what another one says (LE-116)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Repeated:
    """A text that was said more than once."""

    text: str
    times: int


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Counts over supporter messages; None without messages."""

    messages: int
    unique: int
    repeated: int
    """Messages beyond the first with their text."""
    unique_share: float | None
    most_repeated: tuple[Repeated, ...]
    """The texts said most often by at least two people, so that nobody's own words are singled out."""


def duplicates(conversations: pd.DataFrame, messages: pd.DataFrame) -> Duplicates:
    """Exact repetitions, letter for letter, among supporter messages of the analysed conversations."""
    whose = conversations.set_index("conversation_id")["participant_id"]
    said = messages[(messages["role"] == "supporter") & messages["conversation_id"].isin(whose.index)]
    unique = int(said["text"].nunique())
    by_text = said.assign(who=said["conversation_id"].map(whose)).groupby("text")["who"].agg(["size", "nunique"])
    shared = by_text[by_text["nunique"] > 1].reset_index().sort_values(["size", "text"], ascending=[False, True])
    return Duplicates(
        messages=len(said),
        unique=unique,
        repeated=len(said) - unique,
        unique_share=unique / len(said) if len(said) else None,
        most_repeated=tuple(
            Repeated(text=str(text), times=times)
            for text, times in zip(shared["text"], shared["size"].astype(int).tolist(), strict=True)
        )[:SHOWN],
    )
