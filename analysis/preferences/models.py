"""Logistic models of the choices: the score difference, its components, and what they predict (LE-154 to LE-162)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.logit import fit_logit_clustered
from analysis.regression import Fit
from core.dimensions import DIMENSIONS

OUTCOMES = ("higher", "match")
"""Chose the conversation with the higher overall score; chose what the model had chosen (LE-151)."""
READINGS = ("oriented", "signed")
"""Component differences as higher minus lower overall, and as left minus right, which is how the paper has them."""
DIFFERENCE = "difference"
REFERENCE_SCENARIO = "job_loss"


@dataclass(frozen=True, slots=True)
class Odds:
    """The odds ratio of a point of difference, always computed from the coefficient (C-10)."""

    estimate: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class Predicted:
    """A predicted probability with its 95 % interval; None without a fit."""

    probability: float | None
    ci_low: float | None
    ci_high: float | None


def difference_model(rows: pd.DataFrame, outcome: str, *, clusters: str = "rater_id") -> Fit:
    """`outcome` on the absolute difference of the overall scores and the scenario, clustered by `clusters`.

    `rows`: as `trials` gives them; rows without the outcome or the difference are left out. Terms: `intercept`,
    `difference` (log odds per point), and every scenario but the reference (`job_loss`, or the first by name).
    """
    return _fit(rows, outcome, {DIFFERENCE: "gap"}, clusters=clusters)


def component_model(rows: pd.DataFrame, outcome: str, reading: str) -> Fit:
    """`outcome` on the six differences of one reading and the scenario, clustered by rater (LE-157, LE-158, C-11)."""
    return _fit(rows, outcome, {str(d): f"{reading}:{d}" for d in DIMENSIONS}, clusters="rater_id")


def odds(fit: Fit) -> Odds:
    """exp of the difference's coefficient and of its interval."""
    term = fit[DIFFERENCE]
    return Odds(*(None if value is None else exp(value) for value in (term.estimate, term.ci_low, term.ci_high)))


def scenarios_of(fit: Fit) -> tuple[str, ...]:
    """The scenarios that have a coefficient of their own: all but the reference."""
    return tuple(name for name in fit.names if name not in {"intercept", DIFFERENCE, *map(str, DIMENSIONS)})


def predicted(fit: Fit, gap: float, *, scenarios: Sequence[str] = ()) -> Predicted:
    """The probability at a difference of `gap` points: in the reference scenario, or at the mean log odds over it and
    `scenarios`."""
    share = 1 / (len(scenarios) + 1)
    term = fit.linear({"intercept": 1.0, DIFFERENCE: gap, **dict.fromkeys(scenarios, share)})
    return Predicted(
        *(None if value is None else float(expit(value)) for value in (term.estimate, term.ci_low, term.ci_high))
    )


def _fit(rows: pd.DataFrame, outcome: str, predictors: Mapping[str, str], *, clusters: str) -> Fit:
    known = rows[rows[[outcome, *predictors.values()]].notna().all(axis=1)]
    present = sorted(known["scenario"].unique())
    reference = REFERENCE_SCENARIO if REFERENCE_SCENARIO in present else next(iter(present), "")
    others = [scenario for scenario in present if scenario != reference]
    columns = [
        np.ones(len(known)),
        *(known[column].to_numpy(dtype=float) for column in predictors.values()),
        *((known["scenario"] == scenario).to_numpy(dtype=float) for scenario in others),
    ]
    return fit_logit_clustered(
        known[outcome].to_numpy(dtype=float),
        np.column_stack(columns),
        names=("intercept", *predictors, *others),
        clusters=pd.factorize(known[clusters])[0].astype(np.int64),
    )
