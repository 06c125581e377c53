"""Sentence units: the supporter messages of the analysed conversations, cut into sentences (LE-118)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from core.sentences import sentences

SHORTEST = 2
"""Characters; what is shorter without its punctuation says nothing."""
PERSONAL, WORKPLACE = "personal", "workplace"
TROUBLES = (PERSONAL, WORKPLACE)
COLUMNS = ("conversation_id", "seq", "sentence", "participant_id", "condition", "round", "trouble_type", "text")
_PUNCTUATION = " \t\r\n.,;:!?…-–—'\"‘’“”()"


def sentence_units(messages: pd.DataFrame, conversations: pd.DataFrame, analysed: pd.DataFrame) -> pd.DataFrame:
    """One row per sentence that an analysed supporter wrote to a seeker, in order, with the columns `COLUMNS`.

    `sentence` is the place of the unit in its message, from 1.
    `messages`, `conversations` and `analysed` (people) have the columns of the dataset. What seekers and coaches say
    never enters, nor a sentence of fewer than two characters without its punctuation.
    """
    people = analysed[["participant_id", "condition"]]
    talks = conversations[["conversation_id", "participant_id", "round", "trouble_type"]].merge(people)
    said = messages[messages["role"] == "supporter"].merge(talks, on="conversation_id")
    said = said.sort_values(["conversation_id", "seq"], kind="stable", ignore_index=True)
    said["text"] = said["text"].map(lambda text: list(units_of(text)))
    units = said.explode("text").dropna(subset="text")
    units["sentence"] = units.groupby(level=0).cumcount() + 1
    return units.reset_index(drop=True)[[*COLUMNS]]


def units_of(message: str) -> Iterator[str]:
    """The sentences of a message that are long enough, as they were written."""
    return (sentence for sentence in sentences(message) if len(sentence.strip(_PUNCTUATION)) >= SHORTEST)
