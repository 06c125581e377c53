"""Which conclusions would be others under another judge, rubric, model or scale: one sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
from scipy.stats import norm, rankdata

from analysis.columns import TREATMENTS
from analysis.effects import POST, effect
from analysis.judge_error.corrected import JudgeError
from analysis.judge_error.raters import judges, rubrics
from analysis.regression import Fit
from analysis.scored import MEASURES, OVERALL, Scored

ALPHA = 0.05
_TOP_TWO = 4.0


class Verdict(StrEnum):
    """What an effect's test says."""

    RAISED = "raised"
    LOWERED = "lowered"
    UNDECIDED = "undecided"
    """The p value is not below .05."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One treatment's effect on one measure, as preregistered and under every alternative."""

    measure: str
    treatment: str
    preregistered: Verdict | None
    """None where the effect or its test is undefined."""
    alternatives: Mapping[str, Verdict | None]
    flips: tuple[str, ...]
    """The alternatives whose verdict is another one; undefined ones do not count."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to the same effects: p and sign of each measure and treatment."""

    name: str
    found: Mapping[str, Mapping[str, Verdict | None]]


def conclusions(
    scores: pd.DataFrame,
    scored: Scored,
    effects: Mapping[str, Fit],
    *,
    models: Mapping[str, Mapping[str, Fit]],
    judge_error: Mapping[str, Mapping[str, JudgeError]],
) -> list[Conclusion]:
    """A row per measure and treatment; `models` as in `robustness.models`, `judge_error` as in `judge_error`.

    Alternatives, as far as the dataset has them: every other judge, all judges together, each rubric or version of
    the judge by itself, people's scores, the other models, and two other scales (the share of scores from 4, for
    `overall` above 0; normal scores of ranks).
    """
    ways = list(_ways(scores, scored, models=models, judge_error=judge_error))
    return [
        _conclusion(measure, treatment, verdict_in(effects[measure], treatment), ways)
        for measure in MEASURES
        for treatment in TREATMENTS
    ]


def verdict(estimate: float | None, p: float | None) -> Verdict | None:
    """The verdict of a test at .05; None where there is none."""
    if estimate is None or p is None:
        return None
    if p >= ALPHA:
        return Verdict.UNDECIDED
    return Verdict.RAISED if estimate > 0 else Verdict.LOWERED


def verdict_in(fit: Fit, treatment: str) -> Verdict | None:
    """The verdict on a treatment's interaction."""
    one = fit[f"{treatment}:{POST}"]
    return verdict(one.estimate, one.p)


def _conclusion(measure: str, treatment: str, own: Verdict | None, ways: list[Alternative]) -> Conclusion:
    found = {way.name: way.found[measure][treatment] for way in ways}
    flips = tuple(name for name, other in found.items() if other is not None and own is not None and other != own)
    return Conclusion(measure, treatment, own, found, flips)


def _ways(
    scores: pd.DataFrame,
    scored: Scored,
    *,
    models: Mapping[str, Mapping[str, Fit]],
    judge_error: Mapping[str, Mapping[str, JudgeError]],
) -> Iterator[Alternative]:
    rows = scored.conversations
    if scored.model is None or rows.empty:
        return
    for name, measures in judges(scores).items():
        if name != scored.model:
            yield _fitted(f"judge {name}", _rescored(rows, measures))
    wordings = rubrics(scores, scored.model)
    for name, measures in wordings.items() if len(wordings) > 1 else ():
        yield _fitted(f"rubric {name}", _rescored(rows, measures))
    yield from _of_judge_error(judge_error)
    for name, fits in models.items():
        yield _of_fits(f"{name} model", fits)
    yield _fitted("high scores", _changed(rows, _is_high))
    yield _fitted("ranks", _changed(rows, _normal_scores))


def _of_judge_error(found: Mapping[str, Mapping[str, JudgeError]]) -> Iterator[Alternative]:
    for name, of_one in (("all judges", _by_all_judges), ("people", _by_people)):
        told = {measure: {key: of_one(one) for key, one in of.items()} for measure, of in found.items()}
        if any(one is not None for of in told.values() for one in of.values()):
            yield Alternative(name, told)


def _by_all_judges(one: JudgeError) -> Verdict | None:
    return None if one.pooled is None else verdict(one.pooled.estimate, one.pooled.p)


def _by_people(one: JudgeError) -> Verdict | None:
    return None if one.by_people is None else verdict(one.by_people.corrected.estimate, one.by_people.corrected.p)


def _fitted(name: str, rows: pd.DataFrame) -> Alternative:
    return _of_fits(name, {measure: effect(rows, measure) for measure in MEASURES})


def _of_fits(name: str, fits: Mapping[str, Fit]) -> Alternative:
    return Alternative(
        name, {measure: {one: verdict_in(fit, one) for one in TREATMENTS} for measure, fit in fits.items()}
    )


def _rescored(rows: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    return rows.drop(columns=[*MEASURES]).merge(measures, left_on="conversation_id", right_index=True, how="left")


def _changed(rows: pd.DataFrame, change: Callable[[pd.Series, str], pd.Series]) -> pd.DataFrame:
    return rows.assign(**{measure: change(rows[measure], measure) for measure in MEASURES})


def _is_high(scores: pd.Series, measure: str) -> pd.Series:
    high = scores > 0 if measure == OVERALL else scores >= _TOP_TWO
    return high.astype(float).where(scores.notna())


def _normal_scores(scores: pd.Series, measure: str) -> pd.Series:
    """Van der Waerden's: the normal quantile of rank / (n + 1), ties at their mean rank."""
    known = scores.dropna()
    return pd.Series(norm.ppf(rankdata(known) / (len(known) + 1)), index=known.index).reindex(scores.index)
