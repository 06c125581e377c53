"""The second experiment as `results.json` holds it."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.bradley_terry import BradleyTerry
from analysis.preferences.found import Preferences
from analysis.preferences.models import odds
from analysis.regression import Fit
from analysis.results import Json, as_json


def preferences_contents(found: Preferences) -> dict[str, Json]:
    """`higher`, `match`, `components`, `by_gap`, `bradley_terry`, `spearman` of the contract, and beside them `flow`,
    `all_raters`, `at` (what a difference means) and `gains`; null where there are no choices."""
    flow = as_json(found.trials.flow)
    if not found.trials.flow.trials:
        parts = ("higher", "match", "components", "by_gap", "bradley_terry", "spearman", "all_raters", "at", "gains")
        return {"flow": flow, **dict.fromkeys(parts)}
    return {
        "flow": flow,
        **_models(found.models),
        "components": as_json(found.components),
        "by_gap": as_json(found.by_gap),
        "bradley_terry": {scenario: _strengths(one) for scenario, one in found.bradley_terry.items()},
        "spearman": as_json(found.spearman),
        "all_raters": _models(found.everyone),
        "at": as_json(found.at),
        "gains": as_json(found.gains),
    }


def _models(fits: Mapping[str, Fit]) -> dict[str, Json]:
    return {outcome: {**fit_object(fit), "odds_ratio": as_json(odds(fit))} for outcome, fit in fits.items()}


def fit_object(fit: Fit) -> dict[str, Json]:
    """A fit's members by name."""
    members = as_json(fit)
    return members if isinstance(members, dict) else {}


def _strengths(found: BradleyTerry) -> dict[str, Json]:
    items = found.items.to_dict(orient="index")
    return {"n": found.n, "regularised": found.regularised, "conversations": as_json(items)}
