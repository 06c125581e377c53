"""The themes of one kind of trouble: grid, choice, and the same again with other seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.themes.autoencoder import Vectors
from analysis.themes.grid import GRID, Fitted, Quality, best, fit, grid
from analysis.themes.silhouette import silhouettes
from analysis.themes.stability import Stability, stability
from analysis.themes.training import STEPS
from core.errors import Unusable

OTHER_SEEDS = 3


@dataclass(frozen=True, slots=True)
class Search:
    """How themes are looked for."""

    features: int | None = None
    """The number of features; None lets the silhouette choose from the grid."""
    seed: int = 1
    other_seeds: int = OTHER_SEEDS
    """How many further models tell whether the themes are found again."""
    steps: int = STEPS

    def sizes(self, sentences: int) -> tuple[int, ...]:
        """The numbers of features to train; none where there are too few sentences."""
        return grid(sentences, GRID if self.features is None else (self.features,))

    def steps_in_all(self, sentences: int) -> int:
        """Steps of training that `find` will take."""
        sizes = self.sizes(sentences)
        return (len(sizes) + self.other_seeds) * self.steps if sizes else 0


@dataclass(frozen=True, slots=True)
class Found:
    """The chosen model with what it was chosen from, and how good each of its features is."""

    fitted: Fitted
    qualities: tuple[Quality, ...]
    """One per number of features, ascending."""
    silhouettes: npt.NDArray[np.float64]
    """(M,): mean silhouette of each feature's assignments; NaN for a dead one."""
    stability: Stability | None
    """None where no other seed was tried."""


def find(vectors: Vectors, search: Search, *, on_step: Callable[[], None] = lambda: None) -> Found:
    """Train the grid on `vectors` (n, d) and choose. Raises `Unusable` with too few rows for the smallest model."""
    sizes = search.sizes(len(vectors))
    if not sizes:
        raise Unusable(f"{len(vectors)} sentences are too few for themes")
    fitted = [fit(vectors, features=size, seed=search.seed, steps=search.steps, on_step=on_step) for size in sizes]
    chosen = best(fitted)
    size = chosen.quality.features
    others = [
        fit(vectors, features=size, seed=search.seed + place, steps=search.steps, on_step=on_step)
        for place in range(1, search.other_seeds + 1)
    ]
    return Found(
        fitted=chosen,
        qualities=tuple(one.quality for one in fitted),
        silhouettes=_per_feature(vectors, chosen),
        stability=stability(chosen, others) if others else None,
    )


def _per_feature(vectors: Vectors, fitted: Fitted) -> npt.NDArray[np.float64]:
    groups = np.where(fitted.codes.strengths > 0, fitted.codes.features, -1)
    values = silhouettes(vectors, groups)
    known = ~np.isnan(values)
    sums = np.bincount(groups[known], weights=values[known], minlength=fitted.model.features)
    counts = np.bincount(groups[known], minlength=fitted.model.features)
    return np.asarray(np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0))
