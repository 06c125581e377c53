"""Bradley–Terry strengths with intervals, also with what length explains taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from judges.elo import Outcome

Z95 = 1.959963984540054
_MOST_STEPS = 100
_NEAR = 1e-9
"""A step that moves no strength by more than this is the last."""
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

    Bradley and Terry (1952), Biometrika 39(3/4); the covariance is the inverse information with the mean held at 0.
    Estimates are finite where nobody is out of reach of anybody along a chain of wins (Ford 1957).
    """
    place = {id_: number for number, id_ in enumerate(ids)}
    wins: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for outcome in outcomes:
        a, b = place[outcome.a], place[outcome.b]
        (low, high), share = ((a, b), outcome.share) if a < b else ((b, a), 1 - outcome.share)
        wins[low, high][0] += share
        wins[low, high][1] += 1 - share
    is_separated = not _is_connected(len(ids), wins)
    games = _Games(
        pairs=np.array(list(wins), dtype=int).reshape(-1, 2),
        won=np.array([won for won, _ in wins.values()]),
        played=np.array([won + lost for won, lost in wins.values()]),
        draws=_GHOST_GAMES if is_separated else 0.0,
    )
    estimates, covariance = _fitted(len(ids), games)
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


def _fitted(number: int, games: _Games) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strengths and their covariance, by Newton's method with as many halvings of a step as it takes to go uphill."""
    strengths = np.zeros(number)
    likelihood = games.likelihood(strengths)
    for _ in range(_MOST_STEPS):
        step = games.covariance(strengths) @ games.gradient(strengths)
        while (new := games.likelihood(strengths + step)) < likelihood and np.abs(step).max() > _NEAR:
            step /= 2
        strengths, likelihood = strengths + step, new
        if np.abs(step).max() <= _NEAR:
            break
    return strengths, games.covariance(strengths)


@dataclass(frozen=True, slots=True)
class _Games:
    """All that was decided, pair by pair."""

    pairs: NDArray[np.int_]
    """Places of both, shape (pairs, 2)."""
    won: NDArray[np.float64]
    """By the first of each pair; ties count half."""
    played: NDArray[np.float64]
    draws: float
    """Weight of the draw of each with an average opponent, whose strength is 0."""

    def likelihood(self, strengths: NDArray[np.float64]) -> float:
        """Its logarithm."""
        gap = self._gaps(strengths)
        own = self.won * gap - self.played * np.logaddexp(0, gap)
        return float(own.sum() + (self.draws * (strengths / 2 - np.logaddexp(0, strengths))).sum())

    def gradient(self, strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        surplus = self.won - self.played * expit(self._gaps(strengths))
        out = self.draws * (0.5 - expit(strengths))
        np.add.at(out, self.pairs[:, 0], surplus)
        np.add.at(out, self.pairs[:, 1], -surplus)
        return np.asarray(out)

    def information(self, strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        """The negative second derivative, shape (ids, ids)."""
        chance = expit(self._gaps(strengths))
        weight = self.played * chance * (1 - chance)
        average = expit(strengths)
        out = np.diag(self.draws * average * (1 - average))
        first, second = self.pairs.T
        np.add.at(out, (first, first), weight)
        np.add.at(out, (second, second), weight)
        np.add.at(out, (first, second), -weight)
        np.add.at(out, (second, first), -weight)
        return out

    def covariance(self, strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of the information, shape (ids, ids)."""
        information = self.information(strengths)
        if self.draws:
            return np.asarray(np.linalg.inv(information))
        # Without draws nothing changes when all move together: that direction is filled up, and taken out again.
        together = np.full(information.shape, 1 / len(strengths))
        return np.asarray(np.linalg.inv(information + together) - together)

    def _gaps(self, strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(strengths[self.pairs[:, 0]] - strengths[self.pairs[:, 1]])


def _is_connected(number: int, wins: dict[tuple[int, int], list[float]]) -> bool:
    edges = [(low, high) for (low, high), (won, _) in wins.items() if won > 0]
    edges += [(high, low) for (low, high), (_, lost) in wins.items() if lost > 0]
    if not edges:
        return False
    rows, columns = zip(*edges, strict=True)
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(number, number))
    parts, _ = connected_components(graph, directed=True, connection="strong")
    return bool(parts == 1)
