"""Training a k-sparse autoencoder: seeded mini-batches, and a new start for features that nothing uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analysis.themes.autoencoder import Autoencoder, Indices, Vectors, blocks, decode, encode, gradient
from analysis.themes.optimiser import Adam

BATCH = 512
STEPS = 900
"""About 15 passes over 29,520 sentences; a small corpus is passed more often."""
RATE = 0.03
"""How long Adam's first steps are: of a row of weights, whatever its dimension."""
_SHORTEST_ROUND = 30
_REVIVING = 0.6
"""The share of the steps after which no feature is begun anew, so that all have time to settle."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained autoencoder and its mean squared error per row in each round of steps, first to last."""

    model: Autoencoder
    losses: tuple[float, ...]


def train(
    rows: Vectors, *, features: int, seed: int, steps: int = STEPS, on_step: Callable[[], None] = lambda: None
) -> Trained:
    """Train on `rows` (n, d), n >= `features`; the same rows and seed give the same bits on one machine.

    The weights begin at rows drawn at random, less the mean row, as unit vectors. A round is one pass over the rows
    and at least 30 steps. A feature that no row of a round was coded by begins anew at what is left of a badly rebuilt
    row, drawn in proportion to its squared error. `rows` may be memory-mapped: it is read a batch at a time.
    """
    rng = np.random.default_rng(seed)
    centre = _mean(rows)
    squares = _squared_lengths(rows, centre)
    drawn = np.sort(rng.choice(len(rows), features, replace=False))
    model = Autoencoder(_unit(rows[drawn] - centre), np.zeros(features, dtype=centre.dtype), centre)
    optimiser = Adam(model, rate=RATE / float(np.sqrt(rows.shape[1])))
    round_length = max(_SHORTEST_ROUND, -(-len(rows) // BATCH))
    losses: list[float] = []
    used, errors = np.zeros(features, dtype=bool), squares.copy()
    for step, batch in enumerate(_batches(len(rows), steps=steps, rng=rng), start=1):
        found = gradient(model, np.asarray(rows[batch]), squares=squares[batch])
        optimiser.step(found, slowed=1 - step / (steps + 1))
        errors[batch] = found.errors
        used[found.codes.features[found.codes.strengths > 0]] = True
        on_step()
        if step % round_length == 0:
            losses.append(float(errors.mean()))
            if step < _REVIVING * steps and not used.all():
                optimiser.begin_anew(np.flatnonzero(~used), _left_over(rows, model, errors, int((~used).sum()), rng))
            used[:] = False
    return Trained(model, tuple(losses))


def _batches(n: int, *, steps: int, rng: np.random.Generator) -> Iterator[Indices]:
    """`steps` batches: pass after pass over all rows, each in an order of its own."""
    taken = 0
    while taken < steps:
        order = rng.permutation(n)
        for start in range(0, n, BATCH):
            if taken < steps:
                yield np.sort(order[start : start + BATCH])
                taken += 1


def _left_over(rows: Vectors, model: Autoencoder, errors: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    """What `model` does not rebuild of `count` rows, as unit vectors."""
    chances = np.maximum(errors, 0).astype(np.float64) + np.finfo(np.float64).tiny
    drawn = np.sort(rng.choice(len(rows), count, replace=False, p=chances / chances.sum()))
    bad = np.asarray(rows[drawn])
    return _unit(bad - decode(model, encode(model, bad)))


def _mean(rows: Vectors) -> Vectors:
    total = sum(np.asarray(rows[block]).sum(axis=0, dtype=np.float64) for block in blocks(len(rows)))
    return np.asarray(total / len(rows), dtype=rows.dtype)


def _squared_lengths(rows: Vectors, centre: Vectors) -> Vectors:
    parts = (np.asarray(rows[block]) - centre for block in blocks(len(rows)))
    return np.concatenate([np.einsum("nd,nd->n", part, part) for part in parts])


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=rows.dtype)
