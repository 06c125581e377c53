"""Vectors with planted themes: each is its people's common direction, one strong theme, one weak one, and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.themes.autoencoder import Indices, Vectors


@dataclass(frozen=True)
class Planted:
    vectors: Vectors
    """(n, d), float32, of unit length."""
    directions: Vectors
    """(themes, d), of unit length."""
    strongest: Indices
    """(n,): the strong theme of each row."""


def planted(n: int, *, dimensions: int, themes: int, seed: int = 0, noise: float = 0.7) -> Planted:
    rng = np.random.default_rng(seed)
    directions = unit(rng.standard_normal((themes, dimensions)))
    common = 0.6 * unit(rng.standard_normal((1, dimensions)))
    first, second = rng.integers(0, themes, n), rng.integers(0, themes, n)
    strong, weak = rng.uniform(0.5, 1.0, (n, 1)), rng.uniform(0.3, 0.6, (n, 1))
    clutter = noise * rng.standard_normal((n, dimensions)) / np.sqrt(dimensions)
    rows = common + strong * directions[first] + weak * directions[second] + clutter
    return Planted(unit(rows).astype(np.float32), directions, first)


def unit(rows: Vectors) -> Vectors:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
