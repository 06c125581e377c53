"""Effects planted in the means of rounded scores come back, in 200 simulated studies of 968 people."""

from __future__ import annotations

import numpy as np
import pytest
from simulate import ARMS_EFFECTS, CONDITIONS, World, scored_rows

from analysis.effects import effect
from core.dimensions import DIMENSIONS

STUDIES = 200
"""3,600 intervals; the share that holds the truth has a standard error of 0.4 % pooled, of 1.5 % for a single one."""
EFFECTS = tuple((str(d), treatment) for d in DIMENSIONS for treatment in CONDITIONS[1:])
TRUTH = dict(zip(EFFECTS, (effect for d in DIMENSIONS for effect in ARMS_EFFECTS[d]), strict=True))


@pytest.fixture(scope="module")
def deviations() -> np.ndarray:
    """(200, 18): (estimate - truth) / standard error of every interaction of every study."""
    return np.array([deviations_of(seed) for seed in range(1, STUDIES + 1)])


def deviations_of(seed: int) -> list[float]:
    """The 18 interactions of one simulated study, in the order of `EFFECTS`."""
    rows = scored_rows(World(seed=seed))
    fits = {str(d): effect(rows, str(d)) for d in DIMENSIONS}
    terms = {(d, treatment): fits[d][f"{treatment}:post"] for d, treatment in EFFECTS}
    return [((term.estimate or 0.0) - TRUTH[which]) / (term.se or 0.0) for which, term in terms.items()]


def test_planted_effects_are_recovered_without_bias(deviations: np.ndarray) -> None:
    """Over the studies each interaction is off by no more than chance: |mean| below 3.5 standard errors of it."""
    assert abs(deviations.mean(axis=0)).max() < 3.5 / np.sqrt(STUDIES)


def test_intervals_cover_the_truth_as_often_as_they_say(deviations: np.ndarray) -> None:
    """Pooled over the 18 interactions the 95 % intervals hold the planted value in 93 to 97 % of cases."""
    assert 0.93 <= (abs(deviations) <= 1.959964).mean() <= 0.97


def test_each_single_interval_covers_the_truth(deviations: np.ndarray) -> None:
    """Every one of the 18 does so in 90 to 99 % of the studies."""
    covered = (abs(deviations) <= 1.959964).mean(axis=0)

    assert covered.min() >= 0.90, dict(zip(EFFECTS, covered, strict=True))
    assert covered.max() <= 0.99, dict(zip(EFFECTS, covered, strict=True))
