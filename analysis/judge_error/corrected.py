"""One effect three times over: by the judge alone, by judges like these, and as people would have scored it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from analysis.columns import TREATMENTS
from analysis.effects import POST
from analysis.judge_error.influence import Influence, influence
from analysis.judge_error.raters import Noise, judges, noise, people
from analysis.regression import Fit, Floats, Term, spread, term
from analysis.scored import MEASURES, Scored

FEWEST_RATED = 30
"""Rated people below which the errors of a subset are too small to be shown."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """What repeats tell of the judge's own noise; None without a conversation that was judged twice."""

    sd: float
    """Of one rating around the mean of many, in points."""
    share_of_variance: float | None
    """Of the squared standard error of the effect: what endless repeats would take away; at most 1."""
    standardised: float | None
    ci_low: float | None
    ci_high: float | None
    """The effect and its interval over the SD that is left without the noise, whose variance is taken as known."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean effect over judges, with an interval for judges like these (Obuchowski-Rockette, see `pooled`)."""

    judges: int
    estimate: float
    se: float
    freedom: float
    p: float
    ci_low: float
    ci_high: float
    sd_between: float
    """SD of the judges' estimates as they were found, sampling error included."""


@dataclass(frozen=True, slots=True)
class ByPeople:
    """The effect on people's scores, from a rated part and the judge's scores of everything (see `by_people`)."""

    conversations: int
    people: int
    tuning: float
    """How much of the judge's difference is used: 0, none; 1, as it stands."""
    alone: Term
    """From the rated part alone."""
    corrected: Term


@dataclass(frozen=True, slots=True)
class JudgeError:
    """One treatment's effect on one measure; what the dataset does not allow is None."""

    naive: Term
    repeats: Repeats | None
    pooled: Pooled | None
    by_people: ByPeople | None


def judge_error(
    scores: pd.DataFrame, scored: Scored, effects: Mapping[str, Fit]
) -> dict[str, Mapping[str, JudgeError]]:
    """measure -> treatment -> the effect with and without the judge's error; empty without scores."""
    if scored.model is None or scored.conversations.empty:
        return {}
    every, rated, its_noise = judges(scores), people(scores), noise(scores, scored.model)
    return {
        measure: _of_measure(measure, scored, effects[measure], every=every, rated=rated, its_noise=its_noise)
        for measure in MEASURES
    }


def _of_measure(
    measure: str,
    scored: Scored,
    fit: Fit,
    *,
    every: Mapping[str, pd.DataFrame],
    rated: pd.DataFrame,
    its_noise: Noise,
) -> dict[str, JudgeError]:
    rows = scored.conversations
    all_judges = [_influence(rows, measures[measure]) for measures in every.values()] if len(every) > 1 else []
    corrected = by_people(rows, scored.measures[measure], rated[measure])
    naive = {treatment: fit[f"{treatment}:{POST}"] for treatment in TREATMENTS}
    has_repeats = its_noise.variance[measure] is not None
    weights = _influence(rows, scored.measures[measure]).weights if has_repeats else None
    return {
        treatment: JudgeError(
            naive=naive[treatment],
            repeats=_repeats(rows, measure, its_noise, None if weights is None else weights[:, at], naive[treatment]),
            pooled=pooled([one.estimates[at] for one in all_judges], [one.by_person[treatment] for one in all_judges]),
            by_people=corrected[treatment],
        )
        for at, treatment in enumerate(TREATMENTS)
    }


def _influence(rows: pd.DataFrame, scores: pd.Series) -> Influence:
    known = rows[rows["conversation_id"].isin(scores.dropna().index)]
    return influence(known, scores.reindex(known["conversation_id"]).set_axis(known.index))


def _repeats(rows: pd.DataFrame, measure: str, its: Noise, weights: Floats | None, naive: Term) -> Repeats | None:
    variance = its.variance[measure]
    if variance is None or weights is None or naive.estimate is None:
        return None
    known = rows[rows[measure].notna()]
    counts = its.repeats[measure].reindex(known["conversation_id"]).fillna(1.0).to_numpy(dtype=float)
    sd = spread(known[measure].to_numpy(dtype=float))
    left = (sd or 0.0) ** 2 - variance * float(np.mean(1 / counts))
    divisor = np.sqrt(left) if left > 0 else None
    return Repeats(
        sd=float(np.sqrt(variance)),
        share_of_variance=min(float((weights**2 / counts).sum() * variance / naive.se**2), 1.0) if naive.se else None,
        standardised=_over(naive.estimate, divisor),
        ci_low=_over(naive.ci_low, divisor),
        ci_high=_over(naive.ci_high, divisor),
    )


def _over(value: float | None, divisor: float | None) -> float | None:
    return None if value is None or divisor is None else float(value / divisor)


def pooled(estimates: list[float], by_person: list[pd.Series]) -> Pooled | None:
    """The mean of several judges' estimates from the same people, judges and people both taken as random.

    The variance is the mean covariance between judges, which is the part of people's sampling that all judges share,
    plus the variance of the estimates over their number, and never less than for judges taken as fixed; degrees of
    freedom after Hillis (2007, Stat. Med. 26, ddf_H) for the model of Obuchowski & Rockette (1995, Commun. Stat.
    Simul. 24). None below two judges.
    """
    count = len(estimates)
    if count < 2 or not np.isfinite(estimates).all():
        return None
    parts = pd.concat(by_person, axis=1).fillna(0.0).to_numpy(dtype=float)
    errors = parts.T @ parts
    shared = max(float(errors.sum() - np.trace(errors)) / (count * (count - 1)), 0.0)
    between = float(np.var(estimates, ddof=1))
    variance = max(shared + between / count, float(errors.sum()) / count**2)
    if not np.isfinite(variance) or variance <= 0:
        return None
    freedom = (count - 1) * (count * variance / between) ** 2 if between > 0 else np.inf
    mean, se = float(np.mean(estimates)), float(np.sqrt(variance))
    reach = float(student.ppf(0.975, freedom)) * se
    return Pooled(
        judges=count,
        estimate=mean,
        se=se,
        freedom=float(freedom),
        p=float(2 * student.sf(abs(mean) / se, freedom)),
        ci_low=mean - reach,
        ci_high=mean + reach,
        sd_between=float(np.sqrt(between)),
    )


def by_people(rows: pd.DataFrame, judged: pd.Series, rated: pd.Series) -> dict[str, ByPeople | None]:
    """treatment -> the effect on people's scores; `judged` and `rated` by conversation id, `rated` for a random part.

    The estimate of the rated part is moved by the judge's own difference between everything and that part, times a
    factor that makes the variance smallest: prediction-powered inference with power tuning (Angelopoulos, Duchi &
    Zrnic 2023, arXiv 2311.01453), the double-sampling estimator of Chen & Chen (2000, J. R. Stat. Soc. B 62). It
    holds whatever the judge's bias, if those who were rated are a random part. None below 30 rated people, and where
    the rated part lacks a condition or a round.
    """
    part = rated.dropna().index.intersection(judged.dropna().index)
    count = rows.loc[rows["conversation_id"].isin(part), "participant_id"].nunique()
    if count < FEWEST_RATED:
        return dict.fromkeys(TREATMENTS)
    theirs = _influence(rows, rated.reindex(part))
    both, whole = _influence(rows, judged.reindex(part)), _influence(rows, judged)
    people_ = whole.by_person.index
    sd = spread(rated.reindex(part).to_numpy(dtype=float))
    found: dict[str, ByPeople | None] = {}
    for at, treatment in enumerate(TREATMENTS):
        own = theirs.by_person[treatment].reindex(people_, fill_value=0.0).to_numpy()
        moved = (both.by_person[treatment].reindex(people_, fill_value=0.0) - whole.by_person[treatment]).to_numpy()
        if not np.isfinite([theirs.estimates[at], both.estimates[at], whole.estimates[at]]).all():
            found[treatment] = None
            continue
        tuning = float(own @ moved / (moved @ moved)) if moved @ moved > 0 else 0.0
        estimate = float(theirs.estimates[at] - tuning * (both.estimates[at] - whole.estimates[at]))
        found[treatment] = ByPeople(
            conversations=len(theirs.weights),
            people=count,
            tuning=tuning,
            alone=term(float(theirs.estimates[at]), variance=float(own @ own), sd=sd),
            corrected=term(estimate, variance=float(((own - tuning * moved) ** 2).sum()), sd=sd),
        )
    return found
