"""Simulated studies, many at once, and what the preregistered model finds in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from analysis.columns import REFERENCE
from analysis.power.assumptions import Assumptions, DimensionAssumptions
from analysis.power.ratings import latent, latent_mean, rounded
from analysis.regression import Floats
from analysis.reliable_change import ROUNDS
from analysis.scored import OVERALL
from core.dimensions import PRESCRIPTIVE

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Estimates:
    """The interaction of one treatment with later rounds, in each of S studies."""

    estimate: Floats
    se: Floats

    def significant(self, alpha: float) -> int:
        """In how many studies the two-sided normal p lies below `alpha`."""
        return int((np.abs(self.estimate) > norm.ppf(1 - alpha / 2) * self.se).sum())


@dataclass(frozen=True, slots=True)
class Studies:
    """S simulated studies."""

    scores: Mapping[str, Mapping[str, Floats]]
    """condition -> measure -> (S, people recruited, 3) scores, `overall` beside the six dimensions."""
    finished: Mapping[str, Bools]
    """condition -> (S, people recruited): who is analysed."""


def simulated(assumptions: Assumptions, rng: np.random.Generator, *, studies: int) -> Studies:
    """`studies` independent studies; people are dealt to the conditions as evenly as their number allows."""
    conditions = (REFERENCE, *assumptions.treatments)
    sizes = [len(people) for people in np.array_split(np.arange(assumptions.participants), len(conditions))]
    scores, finished = {}, {}
    for condition, size in zip(conditions, sizes, strict=True):
        scores[condition] = _condition(assumptions, rng, condition=condition, shape=(studies, size, len(ROUNDS)))
        finished[condition] = rng.random((studies, size)) >= assumptions.dropout
    return Studies(scores, finished)


def fitted(studies: Studies) -> dict[str, dict[str, Estimates]]:
    """measure -> treatment -> what `analysis.effects.effect` finds in each study.

    Whoever finished has a score in every round, so that the model's coefficients are differences of mean changes and
    its clustered errors follow from their variances: the same numbers, without a matrix.
    """
    conditions = [*studies.scores]
    people = sum((studies.finished[condition].sum(axis=1) for condition in conditions), start=np.array(0.0))
    rows, width = len(ROUNDS) * people, 2 * len(conditions)
    factor = people / (people - 1) * (rows - 1) / (rows - width)
    changes = {condition: _changes(studies, condition) for condition in conditions}
    return {
        measure: {
            treatment: Estimates(
                estimate=changes[treatment][measure][0] - changes[REFERENCE][measure][0],
                se=np.sqrt(factor * (changes[treatment][measure][1] + changes[REFERENCE][measure][1])),
            )
            for treatment in conditions[1:]
        }
        for measure in studies.scores[REFERENCE]
    }


def _changes(studies: Studies, condition: str) -> dict[str, tuple[Floats, Floats]]:
    """measure -> the mean change (S,) of who finished, and the sum of squares around it over n squared."""
    kept = studies.finished[condition]
    n = kept.sum(axis=1)
    found = {}
    for measure, scores in studies.scores[condition].items():
        change = scores[..., 1:].mean(axis=-1) - scores[..., 0]
        mean = (change * kept).sum(axis=1) / n
        squares = ((change - mean[:, None]) ** 2 * kept).sum(axis=1)
        found[measure] = (mean, squares / n**2)
    return found


def _condition(
    assumptions: Assumptions, rng: np.random.Generator, *, condition: str, shape: tuple[int, int, int]
) -> dict[str, Floats]:
    shared = np.sqrt(assumptions.correlation)
    of_all_people, of_all_talks = rng.standard_normal((*shape[:2], 1)), rng.standard_normal(shape)
    found: dict[str, Floats] = {}
    total = np.zeros(shape)
    for dimension, one in assumptions.dimensions.items():
        sign = 1 if dimension in PRESCRIPTIVE else -1
        own = np.sqrt(1 - assumptions.correlation)
        person = shared * of_all_people + own * rng.standard_normal((*shape[:2], 1))
        talk = shared * of_all_talks + own * rng.standard_normal(shape)
        found[dimension] = _scores(assumptions, one, rng, condition=condition, person=sign * person, talk=sign * talk)
        total += sign * found[dimension]
    return {**found, OVERALL: total}


def _scores(
    assumptions: Assumptions,
    one: DimensionAssumptions,
    rng: np.random.Generator,
    *,
    condition: str,
    person: Floats,
    talk: Floats,
) -> Floats:
    """The mean rating of each conversation, from standard normal parts of people (S, n, 1) and talks (S, n, 3)."""
    behind = latent(one.baseline, one.sd, one.reliability)
    sd = float(np.hypot(behind.sd, assumptions.judge_noise))
    means = [latent_mean(one.baseline + gain, sd) for gain in (0.0, one.effects.get(condition, 0.0))]
    true = behind.sd * (np.sqrt(behind.reliability) * person + np.sqrt(1 - behind.reliability) * talk)
    true += np.array([means[0], *[means[1]] * (len(ROUNDS) - 1)])
    if not assumptions.judge_noise:
        return rounded(true)
    ratings = (rounded(true + rng.normal(0, assumptions.judge_noise, true.shape)) for _ in range(assumptions.repeats))
    return np.asarray(sum(ratings) / assumptions.repeats)
