"""What goes further than the paper: robustness, the judge's error, and the sheet of conclusions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import pandas as pd

from analysis.conclusions import Conclusion, conclusions
from analysis.dataset import Dataset
from analysis.flow import Selection
from analysis.frames import frame
from analysis.judge_error.corrected import JudgeError, judge_error
from analysis.regression import Fit
from analysis.results import Json, as_json
from analysis.robustness.attrition import Attrition, attrition
from analysis.robustness.balance import Balance, balance
from analysis.robustness.models import other_models
from analysis.scored import Scored

SAMPLE_RATIO_ALARM = 0.01
"""A chi-square p of the allocation below this is told as a fault of the allocation, not as chance (Kohavi, Tang & Xu
2020, Trustworthy Online Controlled Experiments, ch. 21)."""


@dataclass(frozen=True, slots=True)
class Further:
    """Found beside the preregistered results; none of it replaces them."""

    models: Mapping[str, Mapping[str, Fit]]
    """model -> measure -> fit."""
    attrition: Attrition
    balance: Mapping[str, Balance]
    sample_ratio_p: float | None
    """Of equal shares of the recruited over the conditions."""
    judge_error: Mapping[str, Mapping[str, JudgeError]]
    """measure -> treatment -> the effect with the judge's error."""
    conclusions: list[Conclusion]


def further(
    dataset: Dataset, selection: Selection, scored: Scored, *, effects: Mapping[str, Fit], sample_ratio_p: float | None
) -> Further:
    """Everything of this module for one dataset; what it does not allow is empty or None."""
    models = other_models(scored.conversations)
    errors = judge_error(dataset.scores, scored, effects)
    return Further(
        models=models,
        attrition=attrition(selection.recruited, selection.analysed),
        balance=balance(selection.analysed, scored.conversations, dataset.responses),
        sample_ratio_p=sample_ratio_p,
        judge_error=errors,
        conclusions=conclusions(dataset.scores, scored, effects, models=models, judge_error=errors),
    )


def further_contents(found: Further) -> dict[str, Json]:
    """The keys `robustness`, `judge_error` and `conclusions` of `results.json`."""
    return {
        "robustness": {
            "models": as_json(found.models),
            "attrition": as_json(found.attrition),
            "balance": as_json(found.balance),
            "sample_ratio": {"p": found.sample_ratio_p, "alarm_below": SAMPLE_RATIO_ALARM},
        },
        "judge_error": as_json(found.judge_error),
        "conclusions": as_json(found.conclusions),
    }


def further_tables(found: Further) -> Iterator[tuple[str, pd.DataFrame]]:
    """(name, table) for `tables/`."""
    for name, fits in found.models.items():
        yield f"robustness_{name}", frame(fits, "dimension")
    yield "attrition", frame(found.attrition.by_condition, "condition")
    flat = [{"covariate": name, **_flat(asdict(one))} for name, one in found.balance.items()]
    yield "balance", pd.DataFrame(flat)
    errors = [
        {"measure": measure, "treatment": treatment, **_flat(asdict(one))}
        for measure, of in found.judge_error.items()
        for treatment, one in of.items()
    ]
    yield "judge_error", pd.DataFrame(errors)
    sheet = [
        {
            "measure": one.measure,
            "treatment": one.treatment,
            "preregistered": one.preregistered,
            **one.alternatives,
            "flips": len(one.flips),
        }
        for one in found.conclusions
    ]
    yield "conclusions", pd.DataFrame(sheet)


def _flat(record: Mapping[str, object]) -> dict[str, object]:
    """Records inside a record as columns: `pooled.se`."""
    flat: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{inner}": one for inner, one in _flat(value).items()}
        else:
            flat[key] = value
    return flat
