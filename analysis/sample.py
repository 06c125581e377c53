"""Who took part and what they left behind: the corpus, the people, their baseline (LE-28, LE-29, LE-31, LE-84)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.regression import spread
from analysis.scored import MEASURES, OVERALL

PAY_PER_HOUR = 12.0
"""Dollars; the paper's rate (LE-31)."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A variable in five numbers; None where nobody has a value (or, for `sd`, only one)."""

    n: int
    mean: float | None
    sd: float | None
    median: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """How much the analysed left behind, and how much of it has been judged."""

    participants: int
    conversations: int
    scored: int
    """Conversations with all six scores."""
    failures: Mapping[str, int]
    """Why scores are missing: single scores of the chosen judge, by reason."""
    messages: int | None
    """Of seeker and supporter, without dialogues with the coach; None without the file."""
    supporter_messages: int | None
    seeker_messages: int | None
    messages_per_conversation: float | None


@dataclass(frozen=True, slots=True)
class Sample:
    """The analysed people; counts leave out who gave no answer."""

    age: Summary
    sex: Mapping[str, int]
    ethnicity: Mapping[str, int]
    session_minutes: Summary
    mean_pay: float | None
    """Dollars at the paper's hourly rate."""


def summary(values: pd.Series) -> Summary:
    """The five numbers of the values that are there; SD with ddof 1."""
    known = values.dropna().to_numpy(dtype=float)
    if not len(known):
        return Summary(0, None, None, None, None, None)
    return Summary(
        n=len(known),
        mean=float(known.mean()),
        sd=spread(known),
        median=float(np.median(known)),
        low=float(known.min()),
        high=float(known.max()),
    )


def sample(analysed: pd.DataFrame) -> Sample:
    """The analysed rows of `participants`, described."""
    minutes = summary((analysed["finished_at"] - analysed["started_at"]) / 60)
    return Sample(
        age=summary(analysed["age"]),
        sex=counts(analysed["sex"]),
        ethnicity=counts(analysed["ethnicity"]),
        session_minutes=minutes,
        mean_pay=None if minutes.mean is None else minutes.mean / 60 * PAY_PER_HOUR,
    )


def corpus(conversations: pd.DataFrame, messages: pd.DataFrame, scores: pd.DataFrame) -> Corpus:
    """Counts over the analysed conversations; `scores` are the chosen judge's rows."""
    spoken = messages[
        messages["conversation_id"].isin(conversations["conversation_id"]) & (messages["role"] != "coach")
    ]
    roles = spoken["role"].value_counts()
    missing = scores[scores["conversation_id"].isin(conversations["conversation_id"]) & scores["score"].isna()]
    known = len(messages) > 0
    return Corpus(
        participants=int(conversations["participant_id"].nunique()),
        conversations=len(conversations),
        scored=int(conversations[list(MEASURES)].notna().all(axis=1).sum()),
        failures=counts(missing["failure"].replace("", "no reason given")),
        messages=len(spoken) if known else None,
        supporter_messages=int(roles.get("supporter", 0)) if known else None,
        seeker_messages=int(roles.get("seeker", 0)) if known else None,
        messages_per_conversation=len(spoken) / len(conversations) if known and len(conversations) else None,
    )


def baseline(conversations: pd.DataFrame) -> Summary:
    """Overall scores of round 1, before anything was taught (LE-84)."""
    return summary(conversations.loc[conversations["round"] == 1, OVERALL])


def counts(values: pd.Series) -> dict[str, int]:
    """How often each value occurs, the most frequent first, equals by name; empty ones are left out."""
    found = values[values != ""].value_counts()
    return {str(value): int(found[value]) for value in sorted(found.index, key=lambda v: (-found[v], str(v)))}
