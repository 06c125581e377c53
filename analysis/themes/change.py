"""How often themes come up before and after coaching: the paper's test, and two that know whose sentences they are.

Before is round 1 of everybody, after is rounds 2 and 3 of those whom the AI coached (LE-138); the base of a share is
the assignments of sentences to themes (C-14).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.stats import false_discovery_control, norm

from analysis.regression import Z_95, Floats

COACHED = ("ai_coach", "combined")
CONTROL = "control"
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Estimates:
    """One number per group: an estimate with its normal test; NaN where it is undefined."""

    estimate: Floats
    se: Floats
    n: int
    """Assignments that the fit rests on."""
    clusters: int
    """People whose they are."""

    @property
    def z(self) -> Floats:
        return np.divide(self.estimate, self.se, out=np.full_like(self.se, np.nan), where=self.se > 0)

    @property
    def p(self) -> Floats:
        return np.asarray(2 * norm.sf(np.abs(self.z)))

    @property
    def interval(self) -> tuple[Floats, Floats]:
        return self.estimate - Z_95 * self.se, self.estimate + Z_95 * self.se


@dataclass(frozen=True, slots=True)
class Proportions:
    """Two proportions per group and the test of their difference (after less before)."""

    before: Floats
    after: Floats
    n_before: int
    n_after: int
    ci_low: Floats
    ci_high: Floats
    z: Floats
    p: Floats

    @property
    def difference(self) -> Floats:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Change:
    """The change of every group (theme, strategy, …) in three readings."""

    proportions: Proportions
    """As the paper has it: sentences as if each were somebody else's (LE-139)."""
    within: Estimates
    """Of coached people with sentences before and after, each compared with themselves."""
    against_control: Estimates
    """The change of coached people less that of control: who took part before and after is then no longer mixed up."""


def change(assigned: pd.DataFrame, groups: npt.NDArray[np.intp], *, count: int) -> Change:
    """The change of groups 0 … `count` - 1.

    `assigned`: one row per assignment with `participant_id`, `condition` and `round`; `groups` (n,) is the group of
    each. Shares and differences are fractions of assignments.
    """
    later = (assigned["round"] > 1).to_numpy()
    coached = assigned["condition"].isin(COACHED).to_numpy()
    control = (assigned["condition"] == CONTROL).to_numpy()
    people = pd.factorize(assigned["participant_id"])[0]
    shown = sparse.csr_matrix((np.ones(len(groups)), (np.arange(len(groups)), groups)), shape=(len(groups), count))
    both = coached & _has_both(later, people)
    mixed = coached | control
    design = np.column_stack([np.ones(len(later)), coached, later, coached & later]).astype(float)
    return Change(
        proportions=two_proportions(
            np.bincount(groups[~later], minlength=count), np.bincount(groups[later & coached], minlength=count)
        ),
        within=clustered(_around_own_mean(later[both], people[both])[:, None], shown[both], people[both], at=0),
        against_control=clustered(design[mixed], shown[mixed], people[mixed], at=3),
    )


def two_proportions(before: npt.NDArray[np.intp], after: npt.NDArray[np.intp]) -> Proportions:
    """The two-proportion z-test per group: counts before and after, of all counts on either side.

    Pooled error for z, separate errors for the 95 % interval. NaN where a side is empty, and z where nobody or
    everybody shows the group.
    """
    n_before, n_after = int(before.sum()), int(after.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = before / n_before, after / n_after
        pooled = (before + after) / (n_before + n_after)
        z = (second - first) / np.sqrt(pooled * (1 - pooled) * (1 / np.float64(n_before) + 1 / np.float64(n_after)))
        apart = Z_95 * np.sqrt(first * (1 - first) / n_before + second * (1 - second) / n_after)
    return Proportions(
        before=first,
        after=second,
        n_before=n_before,
        n_after=n_after,
        ci_low=second - first - apart,
        ci_high=second - first + apart,
        z=z,
        p=np.asarray(2 * norm.sf(np.abs(z))),
    )


def clustered(design: Floats, outcomes: sparse.csr_matrix, people: npt.NDArray[np.intp], *, at: int) -> Estimates:
    """Coefficient `at` of the least-squares fit of each column of `outcomes` (n, groups) on `design` (n, k).

    Errors are clustered by `people` with the factor G/(G-1)·(N-1)/(N-k). All NaN with fewer than two people or where
    the columns of `design` depend on each other.
    """
    n, k = design.shape
    whose, people = np.unique(people, return_inverse=True)
    if len(whose) < 2 or n <= k or np.linalg.matrix_rank(design) < k:
        unknown = np.full(outcomes.shape[1], np.nan)
        return Estimates(unknown, unknown, n=n, clusters=len(whose))
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ np.asarray((outcomes.T @ design).T)
    weights = design @ inverse[:, at]
    by_person = sparse.csr_matrix((weights, (people, np.arange(n))), shape=(len(whose), n))
    scores = (by_person @ outcomes).toarray() - (by_person @ design) @ coefficients
    factor = len(whose) / (len(whose) - 1) * (n - 1) / (n - k)
    errors = np.sqrt(factor * np.square(scores).sum(axis=0))
    return Estimates(coefficients[at], errors, n=n, clusters=len(whose))


def benjamini_hochberg(p: Floats) -> Floats:
    """The p values adjusted to hold the false discovery rate (1995); a NaN is no test and stays NaN."""
    adjusted, tested = np.full_like(p, np.nan), ~np.isnan(p)
    if tested.any():
        adjusted[tested] = false_discovery_control(p[tested], method="bh")
    return adjusted


def _has_both(later: Bools, people: npt.NDArray[np.intp]) -> Bools:
    """For each row whether its person has rows of both kinds."""
    after, all_rows = np.bincount(people, weights=later), np.bincount(people)
    return np.asarray(((after > 0) & (after < all_rows))[people])


def _around_own_mean(later: Bools, people: npt.NDArray[np.intp]) -> Floats:
    if not len(people):
        return np.empty(0)
    counts = np.bincount(people)
    return np.asarray(later - (np.bincount(people, weights=later) / np.maximum(counts, 1))[people])
