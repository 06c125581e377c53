"""Logistic regression with clustered errors, which says so when the answers are separated (LE-154)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import statsmodels.api as sm
from scipy.optimize import linprog

from analysis.regression import Fit, Floats, independent_columns, left_open

_SEPARATED = 1e-6
"""Relative to the number of rows: how far a plane may divide the answers before they count as separated."""


def fit_logit_clustered(
    outcome: Floats, predictors: Floats, *, names: Sequence[str], clusters: npt.NDArray[np.int64]
) -> Fit:
    """Maximum likelihood on log odds, errors clustered as in `fit_clustered`: G/(G-1) * (N-1)/(N-K), normal p.

    `outcome`: (N,) of 0 and 1; `predictors`: (N, K) with the constant; `clusters`: (N,) integer codes. Where a sum of
    predictors tells all 1 from all 0, at least in part, no finite estimate exists: all are None and the note says so
    (Albert & Anderson 1984, Biometrika 71(1)). `sd` is None, and with it every standardised estimate.
    """
    n, width = predictors.shape
    groups = len(np.unique(clusters))
    nothing = np.full(width, np.nan), np.full((width, width), np.nan)
    if why := _why_not(outcome, predictors):
        return Fit(tuple(names), *nothing, n=n, clusters=groups, sd=None, note=why)
    basis, open_directions = independent_columns(predictors)
    estimates, covariance = np.zeros(width), nothing[1]
    robust = {"cov_type": "cluster", "cov_kwds": {"groups": clusters}} if groups > 1 and n > len(basis) else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # separation was ruled out; few clusters are told in the note
        found = sm.Logit(outcome, predictors[:, basis]).fit(disp=0, maxiter=100, tol=1e-12, **robust)
    estimates[basis] = found.params
    if robust:
        covariance = np.zeros((width, width))
        covariance[np.ix_(basis, basis)] = found.cov_params()
    fit = Fit(tuple(names), estimates, covariance, n=n, clusters=groups, sd=None, open_directions=open_directions)
    return left_open(fit, "errors need two raters" if groups < 2 else None)


def _why_not(outcome: Floats, predictors: Floats) -> str | None:
    if not len(outcome):
        return "no rows"
    if len(np.unique(outcome)) < 2:
        return "all answers are the same"
    return "the predictors separate the answers: no finite estimate exists" if _separated(outcome, predictors) else None


def _separated(outcome: Floats, predictors: Floats) -> bool:
    """Does some sum of predictors never point to the wrong answer, and to the right one at least once?"""
    scale = np.abs(predictors).max(axis=0)
    sides = np.where(outcome > 0, 1.0, -1.0)[:, None] * predictors / np.where(scale > 0, scale, 1.0)
    found = linprog(-sides.sum(axis=0), A_ub=-sides, b_ub=np.zeros(len(sides)), bounds=(-1, 1), method="highs")
    return bool(found.status == 0 and -found.fun > _SEPARATED * len(sides))
