"""Bradley–Terry strengths with intervals, also with what length explains taken out."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from judges.elo import Outcome

Z95 = 1.959963984540054
_GHOST_GAMES = 1.0
"""Weight of the half win and half loss against an average opponent that each gets where results are one-sided."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """Log-odds strengths of `ids`, with mean 0."""

    ids: tuple[str, ...]
    estimates: NDArray[np.float64]
    """One per id: e^(a − b) are the odds that a is chosen over b."""
    covariance: NDArray[np.float64]
    """Of the estimates, shape (ids, ids)."""
    is_separated: bool
    """Whether some ids have never lost, or never won, against the rest, so that plain estimates would be infinite.

    Each then has one draw against an average opponent added: strengths are finite and drawn towards 0.
    """

    @property
    def errors(self) -> NDArray[np.float64]:
        """Standard errors."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0, None))


@dataclass(frozen=True, slots=True)
class Effect:
    """What one standard deviation more of a covariate goes with, in log-odds."""

    estimate: float
    error: float


def bradley_terry(ids: Sequence[str], outcomes: Sequence[Outcome]) -> Strengths:
    """Maximum-likelihood strengths of `ids`, two at least, from `outcomes` among them; a tie is half a win for each.

    Bradley and Terry (1952), Biometrika 39(3/4); fitted as a binomial regression without intercept, in which a row is a
    pair and a column an id. The condition for finite estimates is Ford's (1957): nobody may be out of reach of anybody
    along a chain of wins.
    """
    place = {id_: number for number, id_ in enumerate(ids)}
    wins: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for outcome in outcomes:
        a, b = place[outcome.a], place[outcome.b]
        (low, high), share = ((a, b), outcome.share) if a < b else ((b, a), 1 - outcome.share)
        wins[low, high][0] += share
        wins[low, high][1] += 1 - share
    is_separated = not _is_connected(len(ids), wins)
    design = np.zeros((len(wins), len(ids)))
    for row, (low, high) in enumerate(wins):
        design[row, low], design[row, high] = 1.0, -1.0
    counts = np.array(list(wins.values())).reshape(-1, 2)
    if is_separated:
        design = np.vstack([design, np.eye(len(ids))])
        counts = np.vstack([counts, np.full((len(ids), 2), _GHOST_GAMES / 2)])
        estimates, covariance = _fitted(counts, design)
    else:
        others, between = _fitted(counts, design[:, 1:])
        estimates, covariance = np.concatenate([[0.0], others]), np.pad(between, ((1, 0), (1, 0)))
    centre = np.eye(len(ids)) - 1 / len(ids)
    return Strengths(tuple(ids), centre @ estimates, centre @ covariance @ centre.T, is_separated)


def controlled(strengths: Strengths, covariates: NDArray[np.float64]) -> tuple[Strengths, list[Effect]] | None:
    """`strengths` without what a straight line in `covariates` explains, and the line's slopes.

    `covariates`: shape (ids, k), no missing values; they are brought to mean 0 and standard deviation 1 (ddof 1). A
    covariate of a conversation cannot stand beside the conversation's own strength in one regression, so the line is
    laid through the strengths, and their covariance is carried through it. None when a covariate never varies, when two
    say the same, or when there are not at least two ids more than covariates.
    """
    n, k = covariates.shape
    spread = covariates.std(axis=0, ddof=1)
    if n < k + 3 or not (spread > 0).all():
        return None
    x = np.column_stack([np.ones(n), (covariates - covariates.mean(axis=0)) / spread])
    if np.linalg.matrix_rank(x) < k + 1:
        return None
    line = np.linalg.pinv(x)
    rest = np.eye(n) - x @ line
    slopes = line @ strengths.estimates
    errors = np.sqrt(np.clip(np.diag(line @ strengths.covariance @ line.T), 0, None))
    without = Strengths(
        strengths.ids, rest @ strengths.estimates, rest @ strengths.covariance @ rest.T, strengths.is_separated
    )
    return without, [Effect(float(slope), float(error)) for slope, error in zip(slopes[1:], errors[1:], strict=True)]


def _fitted(counts: NDArray[np.float64], design: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Coefficients and their covariance."""
    with warnings.catch_warnings():
        # With few pairs the starting values have no residual degrees of freedom, and a perfect fit is no fault here.
        warnings.simplefilter("ignore")
        fit = sm.GLM(counts, design, family=sm.families.Binomial()).fit()
    return fit.params, fit.cov_params()


def _is_connected(number: int, wins: dict[tuple[int, int], list[float]]) -> bool:
    edges = [(low, high) for (low, high), (won, _) in wins.items() if won > 0]
    edges += [(high, low) for (low, high), (_, lost) in wins.items() if lost > 0]
    if not edges:
        return False
    rows, columns = zip(*edges, strict=True)
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(number, number))
    parts, _ = connected_components(graph, directed=True, connection="strong")
    return bool(parts == 1)
