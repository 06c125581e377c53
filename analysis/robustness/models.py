"""The three models that stand beside the preregistered one: random intercepts, ordered scores, equal length."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from analysis.effects import TERMS, design
from analysis.regression import Fit, Floats, fit_clustered
from analysis.robustness.mixed import fit_mixed
from analysis.robustness.ordinal import Integers, fit_ordinal
from analysis.scored import MEASURES

MIXED, ORDINAL, LENGTH = "mixed", "ordinal", "length"
WORDS, TURNS = "supporter_words", "supporter_messages"
"""What is held equal in the length-controlled model: in hundreds of words, and in messages, around their means."""


def other_models(conversations: pd.DataFrame) -> dict[str, Mapping[str, Fit]]:
    """model -> measure -> fit with the terms of `analysis.effects`; `conversations` as there.

    The length-controlled model has two more terms. Length may itself be an effect of training: what is left is the
    part of an effect that goes without longer conversations, and no better estimate of the whole.
    """
    return {
        name: {measure: fit(conversations[conversations[measure].notna()], measure) for measure in MEASURES}
        for name, fit in MODELS.items()
    }


def mixed(rows: pd.DataFrame, measure: str) -> Fit:
    """Random intercepts of participants; `rows` without missing values of `measure`."""
    return fit_mixed(_outcome(rows, measure), design(rows), names=TERMS, clusters=_people(rows))


def ordinal(rows: pd.DataFrame, measure: str) -> Fit:
    """Proportional odds; the same rows."""
    return fit_ordinal(_outcome(rows, measure), design(rows), names=TERMS, clusters=_people(rows))


def length_controlled(rows: pd.DataFrame, measure: str) -> Fit:
    """The preregistered model with the supporter's words and messages; rows without either are left out."""
    known = rows[rows[[WORDS, TURNS]].notna().all(axis=1)]
    words, turns = (known[name].to_numpy(dtype=float) for name in (WORDS, TURNS))
    centred = [(values - values.mean()) if len(values) else values for values in (words / 100, turns)]
    return fit_clustered(
        _outcome(known, measure),
        np.column_stack([design(known), *centred]),
        names=(*TERMS, WORDS, TURNS),
        clusters=_people(known),
    )


MODELS: Mapping[str, Callable[[pd.DataFrame, str], Fit]] = {
    MIXED: mixed,
    ORDINAL: ordinal,
    LENGTH: length_controlled,
}


def _outcome(rows: pd.DataFrame, measure: str) -> Floats:
    return rows[measure].to_numpy(dtype=float)


def _people(rows: pd.DataFrame) -> Integers:
    return pd.factorize(rows["participant_id"])[0].astype(np.int64)
