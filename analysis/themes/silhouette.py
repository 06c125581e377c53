"""How well themes hold together in the embeddings: silhouettes with the cosine distance, exact and without n² work.

Rousseeuw (1987), J. Comput. Appl. Math. 20. The mean cosine distance from a row to a group is 1 minus the row's
product with the mean of the group's unit vectors, so that one product of matrices gives all distances that are needed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analysis.themes.autoencoder import Indices, Vectors, blocks

Floats = npt.NDArray[np.float64]


def silhouettes(vectors: Vectors, groups: Indices) -> Floats:
    """The silhouette of each row of `vectors` (n, d) in each of its groups: (n, K), -1 to 1.

    `groups` (n, K) holds group numbers from 0, and -1 for no group. A row is compared with its other neighbours in the
    group and with the nearest group that it is not in: its own groups are no rivals of each other. With K = 1 this is
    the ordinary silhouette. 0 for the only member of a group (as Rousseeuw has it), NaN where there is no group or no
    other group.
    """
    sizes = np.bincount(groups[groups >= 0], minlength=int(groups.max(initial=-1)) + 1)
    lengths = _lengths(vectors)
    is_something = lengths > 0
    lengths[~is_something] = 1
    sums = np.zeros((len(sizes), vectors.shape[1]), dtype=vectors.dtype)
    for block in blocks(len(groups)):
        rows, columns = np.nonzero(groups[block] >= 0)
        of = sparse.csr_matrix(
            (1 / lengths[block][rows], (groups[block][rows, columns], rows)), (len(sizes), len(groups[block]))
        )
        sums += of.astype(vectors.dtype) @ vectors[block]
    parts = [
        _block(
            (vectors[block] @ sums.T) / lengths[block][:, None],
            groups[block],
            sizes=sizes,
            to_itself=np.where(is_something[block], 0.0, 1.0),
        )
        for block in blocks(len(groups))
    ]
    return np.concatenate(parts) if parts else np.empty(groups.shape)


def _block(products: Vectors, groups: Indices, *, sizes: Indices, to_itself: Floats) -> Floats:
    """`products` (n, groups): of each row, as a unit vector, with the sum of each group's unit vectors.

    `to_itself` (n,) is the distance that the products have between a row and itself: 1 for a row of nothing.
    """
    rows, columns = np.nonzero(groups >= 0)
    own = groups[rows, columns]
    distances = np.asarray(sizes - products, dtype=np.float64)
    within = np.maximum(distances[rows, own] - to_itself[rows], 0) / np.maximum(sizes[own] - 1, 1)
    distances = distances / np.maximum(sizes, 1)
    distances[:, sizes == 0] = np.inf
    distances[rows, own] = np.inf
    beyond = np.maximum(distances.min(axis=1, initial=np.inf), 0)[rows]
    with np.errstate(invalid="ignore"):
        values = (beyond - within) / np.maximum(within, beyond)
    found = np.full(groups.shape, np.nan)
    found[rows, columns] = np.where(np.isinf(beyond), np.nan, np.where(sizes[own] > 1, np.nan_to_num(values), 0.0))
    return found


def _lengths(vectors: Vectors) -> Vectors:
    parts = [np.sqrt(np.einsum("nd,nd->n", vectors[block], vectors[block])) for block in blocks(len(vectors))]
    return np.concatenate(parts) if parts else np.empty(0, dtype=vectors.dtype)
