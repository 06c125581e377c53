"""The k-sparse autoencoder: what it holds, what it makes of a row, and the gradient of its loss.

After Makhzani & Frey (2013), k-Sparse Autoencoders (arXiv 1312.5663): one weight matrix encodes and decodes, and of
all features only the K strongest stay, so that a row is rebuilt from K directions. Here they are never negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

K = 2
"""Features that a sentence may have (LE-121)."""
_ROWS_AT_ONCE = 4096

Vectors = npt.NDArray[np.floating]
"""Rows of single or double precision; all arithmetic is done in the precision given."""
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Autoencoder:
    """`weights` (M, d), `bias` (M,) and `centre` (d,): row x becomes the K largest of W(x - c) + b, then Wᵀh + c."""

    weights: Vectors
    bias: Vectors
    centre: Vectors

    @property
    def features(self) -> int:
        return len(self.weights)


@dataclass(frozen=True, slots=True)
class Codes:
    """The `K` strongest features of each row, strongest first: (n, K) each; a strength of 0 means no feature."""

    features: Indices
    strengths: Vectors


@dataclass(frozen=True, slots=True)
class Gradient:
    """Of the mean over rows of their squared errors, which are sums over dimensions; with errors (n,) and codes."""

    errors: Vectors
    weights: Vectors
    bias: Vectors
    codes: Codes


def encode(model: Autoencoder, rows: Vectors) -> Codes:
    """The codes of all `rows` (n, d), in blocks, so that a memory-mapped array is never read whole."""
    parts = [_codes(_activations(model, np.asarray(rows[block]))) for block in blocks(len(rows))]
    return Codes(
        features=np.concatenate([part.features for part in parts]),
        strengths=np.concatenate([part.strengths for part in parts]),
    )


def decode(model: Autoencoder, codes: Codes) -> Vectors:
    """What the codes rebuild, (n, d)."""
    return np.asarray(as_matrix(codes, model.features) @ model.weights) + model.centre


def gradient(model: Autoencoder, rows: Vectors, *, squares: Vectors) -> Gradient:
    """The gradient on a batch; `squares` are the squared lengths of `rows` - centre.

    With W encoding and decoding, ‖x - c - Wᵀh‖² = ‖x - c‖² - 2h·W(x - c) + hᵀWWᵀh: the residual itself, as large as
    the batch, is never formed.
    """
    weights, n = model.weights, len(rows)
    activations = _activations(model, rows)
    codes = _codes(activations)
    h, on = codes.strengths, codes.features
    projected = np.take_along_axis(activations, on, axis=1) - model.bias[on]
    gram = weights @ weights.T
    rebuilt = np.einsum("nij,nj->ni", gram[on[:, :, None], on[:, None, :]], h)
    errors = squares - (2 * h * projected).sum(axis=1) + (h * rebuilt).sum(axis=1)
    towards = np.where(h > 0, rebuilt - projected, 0).astype(weights.dtype)
    kept = as_matrix(codes, model.features)
    change = as_matrix(Codes(features=on, strengths=towards - h), model.features)
    by_row = np.asarray(change.T @ rows)
    by_row += (kept.T @ kept) @ weights
    by_row -= np.outer(_sums(change), model.centre)
    scale = weights.dtype.type(2 / n)
    by_row *= scale
    return Gradient(
        errors=errors,
        weights=by_row,
        bias=scale * np.bincount(on.ravel(), weights=towards.ravel(), minlength=model.features).astype(weights.dtype),
        codes=codes,
    )


def as_matrix(codes: Codes, features: int) -> sparse.csr_matrix:
    """The strengths as a sparse matrix (n, features)."""
    n, k = codes.features.shape
    return sparse.csr_matrix(
        (codes.strengths.ravel(), codes.features.ravel(), np.arange(0, n * k + 1, k)), (n, features)
    )


def blocks(n: int) -> Iterator[slice]:
    """Slices that cover `n` rows, in order."""
    return (slice(start, min(start + _ROWS_AT_ONCE, n)) for start in range(0, n, _ROWS_AT_ONCE))


def _activations(model: Autoencoder, rows: Vectors) -> Vectors:
    return rows @ model.weights.T + (model.bias - model.weights @ model.centre)


def _codes(activations: Vectors) -> Codes:
    left, places = activations.copy(), np.arange(len(activations))
    features = np.empty((len(left), K), dtype=np.intp)
    for rank in range(K):
        features[:, rank] = left.argmax(axis=1)
        left[places, features[:, rank]] = -np.inf
    strengths = np.maximum(np.take_along_axis(activations, features, axis=1), 0)
    return Codes(features=features, strengths=strengths)


def _sums(matrix: sparse.csr_matrix) -> Vectors:
    return np.asarray(matrix.sum(axis=0)).ravel()
