"""The grid over the number of features, and the choice among its models (LE-122, LE-123)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.themes.autoencoder import Autoencoder, Codes, Indices, Vectors, blocks, decode, encode
from analysis.themes.silhouette import Floats, silhouettes
from analysis.themes.training import STEPS, train

GRID = (16, 32, 64, 128, 256)
FEWEST_PER_FEATURE = 5
"""Sentences per feature below which a model is not trained: a theme of four sentences is no theme."""
SAME = 0.9
"""Cosine from which two features count as one that was learned twice."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What the choice is made by, for one model."""

    features: int
    live: int
    """Features that some sentence is assigned to."""
    merged: int
    """Live features whose direction is nearly that of an earlier one."""
    explained: float
    """The share of the embeddings' variance that the codes rebuild."""
    silhouette: float | None
    """Mean over assignments to the top two; None with one theme alone."""
    silhouette_first: float | None
    """The same with each sentence in its strongest theme alone."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model, the codes of the sentences it was trained on, and how good it is."""

    model: Autoencoder
    codes: Codes
    losses: tuple[float, ...]
    quality: Quality


@dataclass(frozen=True, slots=True)
class Assignments:
    """Each pair of a sentence and one of its at most two themes: the base of every share (C-14)."""

    sentences: Indices
    features: Indices
    strengths: Vectors


def grid(n: int, sizes: Sequence[int] = GRID) -> tuple[int, ...]:
    """The sizes for which `n` sentences are enough."""
    return tuple(size for size in sizes if n >= FEWEST_PER_FEATURE * size)


def fit(
    vectors: Vectors, *, features: int, seed: int, steps: int = STEPS, on_step: Callable[[], None] = lambda: None
) -> Fitted:
    """Train one model on `vectors` (n, d) and judge it by them."""
    trained = train(vectors, features=features, seed=seed, steps=steps, on_step=on_step)
    codes = encode(trained.model, vectors)
    return Fitted(trained.model, codes, trained.losses, _quality(vectors, trained.model, codes))


def best(fitted: Sequence[Fitted]) -> Fitted:
    """The model with the highest silhouette over assignments; the smaller of equals."""
    return max(fitted, key=lambda one: -np.inf if one.quality.silhouette is None else one.quality.silhouette)


def assignments(codes: Codes) -> Assignments:
    """The pairs in the order of sentences, the stronger theme first; a strength of 0 is no assignment."""
    sentences, ranks = np.nonzero(codes.strengths > 0)
    return Assignments(sentences, codes.features[sentences, ranks], codes.strengths[sentences, ranks])


def _quality(vectors: Vectors, model: Autoencoder, codes: Codes) -> Quality:
    groups = np.where(codes.strengths > 0, codes.features, -1)
    live = np.unique(groups[groups >= 0])
    return Quality(
        features=model.features,
        live=len(live),
        merged=_merged(model.weights[live]),
        explained=explained_variance(vectors, model, codes),
        silhouette=_mean(silhouettes(vectors, groups)),
        silhouette_first=_mean(silhouettes(vectors, groups[:, :1])),
    )


def explained_variance(vectors: Vectors, model: Autoencoder, codes: Codes) -> float:
    """1 minus the squared errors of rebuilding `vectors` from their codes, over their squared distances to the mean."""
    left = total = 0.0
    for block in blocks(len(vectors)):
        rows = np.asarray(vectors[block])
        rebuilt = decode(model, Codes(codes.features[block], codes.strengths[block]))
        left += float(np.square(rows - rebuilt).sum())
        total += float(np.square(rows - model.centre).sum())
    return 1 - left / total if total else 0.0


def _merged(weights: Vectors) -> int:
    """How many rows point where an earlier one does."""
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    units = weights / np.where(lengths > 0, lengths, 1)
    return int((np.tril(units @ units.T, -1) >= SAME).any(axis=1).sum())


def _mean(samples: Floats) -> float | None:
    known = samples[~np.isnan(samples)]
    return float(known.mean()) if len(known) else None
