"""Silhouettes, and the choice of the number of themes by them."""

from __future__ import annotations

import numpy as np
import pytest
from planted_themes import planted, unit
from sklearn.metrics import pairwise_distances, silhouette_samples

from analysis.themes.autoencoder import Codes
from analysis.themes.grid import assignments, best, fit, grid
from analysis.themes.silhouette import silhouettes

TOLERANCE = 1e-9


def test_with_one_group_per_row_it_is_the_silhouette_of_scikit_learn() -> None:
    """By cosine distances, a group of one member and a vector of nothing included."""
    rng = np.random.default_rng(1)
    vectors, groups = rng.normal(size=(300, 12)), rng.integers(0, 7, 300)
    groups[0], vectors[5] = 9, 0

    found = silhouettes(vectors, groups[:, None])[:, 0]

    np.testing.assert_allclose(found, silhouette_samples(vectors, groups, metric="cosine"), atol=TOLERANCE)
    assert found[0] == 0.0


def test_with_two_groups_per_row_its_own_groups_are_no_rivals() -> None:
    """Against the definition, spelled out with the matrix of all distances."""
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(60, 5))
    groups = np.column_stack([rng.integers(0, 4, 60), rng.integers(4, 8, 60)])
    groups[3, 1] = -1
    distances = pairwise_distances(vectors, metric="cosine")

    def by_definition(row: int, group: int) -> float:
        def mean(of: int) -> float:
            members = [i for i in range(60) if of in groups[i] and i != row]
            return float(distances[row, members].mean())

        within = mean(group)
        beyond = min(mean(of) for of in range(8) if of not in groups[row])
        return (beyond - within) / max(within, beyond)

    expected = [[by_definition(i, g) if g >= 0 else np.nan for g in groups[i]] for i in range(60)]

    np.testing.assert_allclose(silhouettes(vectors, groups), expected, atol=TOLERANCE)


def test_two_distant_groups_come_close_to_one() -> None:
    """Four vectors, two directions: within a group the cosine distance is 0.02, between them 1 (by hand)."""
    vectors = unit(np.array([[1.0, 0, 0], [0.98, 0.2, 0], [0, 0, 1.0], [0, 0.2, 0.98]]))

    found = silhouettes(vectors, np.array([[0], [0], [1], [1]]))

    assert found.min() == pytest.approx(1 - 0.0202 / 0.98, abs=0.01)


def test_one_group_alone_has_no_silhouette() -> None:
    assert np.isnan(silhouettes(np.eye(3), np.zeros((3, 1), dtype=int))).all()


def test_the_planted_number_of_themes_is_chosen() -> None:
    """Of models with 8, 16 and 32 features the one with as many as there are themes."""
    vectors = planted(1500, dimensions=64, themes=16).vectors

    chosen = best([fit(vectors, features=features, seed=1, steps=300) for features in (8, 16, 32)])

    assert chosen.quality.features == 16


def test_a_small_corpus_gets_a_small_grid() -> None:
    """A model needs five sentences per feature."""
    assert grid(29_520) == (16, 32, 64, 128, 256)
    assert grid(320) == (16, 32, 64)
    assert grid(79) == ()


def test_a_strength_of_zero_assigns_nothing() -> None:
    """A sentence counts once per theme that it shows, in the order of its strengths."""
    codes = Codes(features=np.array([[3, 1], [2, 0]]), strengths=np.array([[0.5, 0.2], [0.4, 0.0]]))

    found = assignments(codes)

    assert found.sentences.tolist() == [0, 0, 1]
    assert found.features.tolist() == [3, 1, 2]
