"""Whether another seed finds the same themes: features of two models matched one to one by their direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from analysis.themes.grid import Fitted

FOUND_AGAIN = 0.8
"""Cosine from which a theme counts as found again."""


@dataclass(frozen=True, slots=True)
class Stability:
    """A model beside others of its size that were trained with other seeds."""

    cosines: npt.NDArray[np.float64]
    """(seeds, M): of each feature with its match in the model of each seed."""
    same_theme: npt.NDArray[np.float64]
    """(seeds,): the share of sentences whose strongest feature is matched to their strongest one there."""

    @property
    def per_feature(self) -> npt.NDArray[np.float64]:
        """Each feature's mean cosine over the seeds."""
        return np.asarray(self.cosines.mean(axis=0))

    @property
    def found_again(self) -> float:
        """The share of features with a mean cosine of at least 0.8."""
        return float((self.per_feature >= FOUND_AGAIN).mean())


def stability(chosen: Fitted, others: Sequence[Fitted]) -> Stability:
    """How `chosen` compares with `others`, all trained on the same sentences with as many features.

    The matching maximises the sum of cosines (the Hungarian method), so that no feature is matched twice.
    """
    compared = [_compare(chosen, other) for other in others]
    return Stability(
        cosines=np.array([cosines for cosines, _ in compared]), same_theme=np.array([same for _, same in compared])
    )


def _compare(chosen: Fitted, other: Fitted) -> tuple[npt.NDArray[np.float64], float]:
    cosines = _directions(chosen) @ _directions(other).T
    mine, theirs = linear_sum_assignment(cosines, maximize=True)
    same = theirs[chosen.codes.features[:, 0]] == other.codes.features[:, 0]
    return cosines[mine, theirs], float(same.mean())


def _directions(fitted: Fitted) -> npt.NDArray[np.float64]:
    weights = fitted.model.weights.astype(np.float64)
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    return np.asarray(weights / np.where(lengths > 0, lengths, 1))
