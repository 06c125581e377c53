"""The k-sparse autoencoder: its gradient, what it holds to, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from planted_themes import planted

from analysis.themes.autoencoder import Autoencoder, K, Vectors, decode, encode, gradient
from analysis.themes.grid import explained_variance, fit
from analysis.themes.stability import stability
from analysis.themes.training import train

TOLERANCE = 1e-6
"""Central differences of step 1e-6 in double precision are right to about 1e-8 here."""


def small_model(rng: np.random.Generator) -> Autoencoder:
    return Autoencoder(rng.normal(size=(6, 7)), rng.normal(size=6) * 0.1, rng.normal(size=7) * 0.1)


def numerical(loss: Callable[[Vectors], float], at: Vectors, step: float = 1e-6) -> Vectors:
    """The gradient of `loss` by central differences."""
    found = np.zeros_like(at)
    for place in np.ndindex(*at.shape):
        up, down = at.copy(), at.copy()
        up[place] += step
        down[place] -= step
        found[place] = (loss(up) - loss(down)) / (2 * step)
    return found


def test_the_gradient_is_that_of_the_error_of_rebuilding() -> None:
    """Weights and biases alike, against differences of the error computed by encoding and decoding."""
    rng = np.random.default_rng(1)
    model, rows = small_model(rng), rng.normal(size=(20, 7))

    def error(weights: Vectors, bias: Vectors) -> float:
        changed = Autoencoder(weights, bias, model.centre)
        return float(np.square(rows - decode(changed, encode(changed, rows))).sum(axis=1).mean())

    found = gradient(model, rows, squares=np.square(rows - model.centre).sum(axis=1))

    assert found.errors.mean() == pytest.approx(error(model.weights, model.bias))
    by_weight = numerical(lambda weights: error(weights, model.bias), model.weights)
    by_bias = numerical(lambda bias: error(model.weights, bias), model.bias)
    np.testing.assert_allclose(found.weights, by_weight, atol=TOLERANCE)
    np.testing.assert_allclose(found.bias, by_bias, atol=TOLERANCE)


def test_a_row_has_at_most_two_features_the_strongest_first() -> None:
    """They are the two largest activations, cut at zero."""
    rng = np.random.default_rng(2)
    model, rows = small_model(rng), rng.normal(size=(50, 7))

    codes = encode(model, rows)

    activations = (rows - model.centre) @ model.weights.T + model.bias
    expected = np.maximum(-np.sort(-activations, axis=1)[:, :K], 0)
    assert codes.features.shape == (50, 2)
    np.testing.assert_allclose(codes.strengths, expected, atol=1e-12)


def test_planted_themes_are_found_and_live() -> None:
    """Each planted direction is a feature's, the error falls, and no feature stays unused."""
    world = planted(3000, dimensions=48, themes=12, noise=0.4)

    fitted = fit(world.vectors, features=16, seed=1, steps=600)

    directions = fitted.model.weights / np.linalg.norm(fitted.model.weights, axis=1, keepdims=True)
    assert (world.directions @ directions.T).max(axis=1).min() > 0.9
    assert fitted.losses[-1] < fitted.losses[0]
    assert fitted.quality.live == 16
    assert fitted.quality.explained == pytest.approx(
        explained_variance(world.vectors, fitted.model, fitted.codes), abs=1e-9
    )
    assert fitted.quality.explained > 0.7


def test_the_same_seed_gives_the_same_bits_also_from_a_file(tmp_path: Path) -> None:
    """Memory-mapped rows are read batch by batch and train the very same model; another seed trains another."""
    vectors = planted(700, dimensions=32, themes=8).vectors
    np.save(tmp_path / "vectors.npy", vectors)

    once = train(vectors, features=8, seed=3, steps=60)
    again = train(np.load(tmp_path / "vectors.npy", mmap_mode="r"), features=8, seed=3, steps=60)
    other = train(vectors, features=8, seed=4, steps=60)

    np.testing.assert_array_equal(once.model.weights, again.model.weights)
    assert once.losses == again.losses
    assert not np.array_equal(once.model.weights, other.model.weights)


def test_other_seeds_find_planted_themes_again_and_nothing_in_noise() -> None:
    """Stability tells themes from artefacts: high where there are themes, low in pure noise."""
    world = planted(2000, dimensions=48, themes=8, noise=0.3)
    noise = np.random.default_rng(5).standard_normal((2000, 48), dtype=np.float32)

    themes = [fit(world.vectors, features=8, seed=seed, steps=400) for seed in (1, 2)]
    nothing = [fit(noise, features=8, seed=seed, steps=400) for seed in (1, 2)]

    assert stability(themes[0], themes[1:]).same_theme[0] > 0.8
    assert stability(themes[0], [themes[0]]).found_again == 1.0
    assert stability(nothing[0], nothing[1:]).found_again < 0.3
