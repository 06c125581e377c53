"""Effects planted in simulated studies come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from simulate import ARMS_EFFECTS, CONDITIONS, World, simulate, write

from analysis import effects, load, scored_conversations
from core.dimensions import DIMENSIONS

STUDIES = 30
"""Thirty studies of 968 people: 540 intervals, whose coverage of 95 % has a standard error of about 1 %."""


def deviations_of(seed: int, folder: Path) -> list[float]:
    """(estimate - truth) / standard error of the 18 interactions of one simulated study."""
    found = load(write(_scores_alone(seed), folder))
    fits = effects(scored_conversations(found.scores, found.conversations, found.participants).conversations)
    errors = []
    for dimension in map(str, DIMENSIONS):
        for treatment, truth in zip(CONDITIONS[1:], ARMS_EFFECTS[dimension], strict=True):
            term = fits[dimension][f"{treatment}:post"]
            assert term.estimate is not None and term.se is not None
            errors.append((term.estimate - truth) / term.se)
    return errors


def _scores_alone(seed: int) -> dict[str, object]:
    tables = simulate(World(seed=seed))
    return {name: tables[name] for name in ("participants", "conversations", "scores")}  # type: ignore[return-value]


@pytest.fixture(scope="module")
def deviations(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    folder = tmp_path_factory.mktemp("studies")
    return np.array([deviations_of(seed, folder) for seed in range(1, STUDIES + 1)])


def test_planted_effects_are_recovered_without_bias(deviations: np.ndarray) -> None:
    """Pooled over studies the 18 interactions are off by no more than chance: |mean| below 3 / sqrt(30) each."""
    assert abs(deviations.mean(axis=0)).max() < 3 / np.sqrt(STUDIES)


def test_intervals_cover_the_truth_as_often_as_they_say(deviations: np.ndarray) -> None:
    """95 % intervals of 540 effects hold the planted value in 92 to 98 % of cases (three standard errors)."""
    assert 0.92 <= (abs(deviations) <= 1.959964).mean() <= 0.98
