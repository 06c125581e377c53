"""Agreement figures for ratings of the same items, over arrays, so that thousands of resamples cost one call.

Every function takes `ratings` of shape (..., raters, items), NaN where a rating is missing, and gives one figure for
each of the leading indices; NaN where it is undefined, as below three items or where nothing varies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Ratings = NDArray[np.float64]
Figure = Callable[[Ratings], NDArray[np.float64]]

_FEWEST = 3
"""Below three items a correlation is 1 or -1 by construction."""
_NOTHING = 1e-12
"""A variance below this comes from rounding."""


def kappa_quadratic(ratings: Ratings) -> NDArray[np.float64]:
    """Cohen's kappa of two raters with quadratic weights (Cohen 1968, Psychol. Bull. 70(4)), -1 to 1.

    Fractions are rounded half up, since kappa needs categories. With squared distances the table of categories is not
    needed: kappa is 1 minus the mean squared difference over the one expected for independent raters.
    """
    whole = np.floor(_complete(ratings) + 0.5)
    first, second = whole[..., 0, :], whole[..., 1, :]
    seen = _mean((first - second) ** 2)
    expected = _mean(first**2) + _mean(second**2) - 2 * _mean(first) * _mean(second)
    return 1 - _ratio(seen, expected, enough=_enough(whole))


def spearman(ratings: Ratings) -> NDArray[np.float64]:
    """Spearman's rank correlation of two raters, ties sharing their mean rank."""
    return pearson(rankdata(_complete(ratings), axis=-1, nan_policy="omit"))


def pearson(ratings: Ratings) -> NDArray[np.float64]:
    """Pearson's correlation of two raters over the items that both have rated."""
    complete = _complete(ratings)
    off = complete - _mean(complete)[..., None]
    first, second = off[..., 0, :], off[..., 1, :]
    spread = np.sqrt(_mean(first**2) * _mean(second**2))
    return _ratio(_mean(first * second), spread, enough=_enough(complete))


def alpha_interval(ratings: Ratings) -> NDArray[np.float64]:
    """Krippendorff's alpha for interval data of any number of raters; items with one rating are left out.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: 1 minus the disagreement seen within items over the
    one expected among all ratings.
    """
    paired = np.where((~np.isnan(ratings)).sum(axis=-2, keepdims=True) > 1, ratings, np.nan)
    return _alpha(paired)


def alpha_ordinal(ratings: Ratings) -> NDArray[np.float64]:
    """Krippendorff's alpha for ordinal data: the ordinal distance of two values is that of their mean ranks."""
    paired = np.where((~np.isnan(ratings)).sum(axis=-2, keepdims=True) > 1, ratings, np.nan)
    together = paired.reshape(*paired.shape[:-2], -1)
    return _alpha(rankdata(together, axis=-1, nan_policy="omit").reshape(paired.shape))


def icc_2_1(ratings: Ratings) -> NDArray[np.float64]:
    """Intraclass correlation of single ratings, absolute agreement, raters as a sample (Shrout and Fleiss 1979)."""
    rows, columns, error, raters, items = _mean_squares(ratings)
    return _ratio(
        rows - error, rows + (raters - 1) * error + raters * (columns - error) / items, enough=items >= _FEWEST
    )


def icc_3_1(ratings: Ratings) -> NDArray[np.float64]:
    """Intraclass correlation of single ratings, consistency, these raters only (Shrout and Fleiss 1979)."""
    rows, _, error, raters, items = _mean_squares(ratings)
    return _ratio(rows - error, rows + (raters - 1) * error, enough=items >= _FEWEST)


def mean_shift(ratings: Ratings) -> NDArray[np.float64]:
    """Mean of the first rater minus mean of the second, on the items that both have rated, in points of the scale."""
    complete = _complete(ratings)
    return _mean(complete[..., 0, :]) - _mean(complete[..., 1, :])


PAIR_FIGURES: Mapping[str, Figure] = {
    "kappa_quadratic": kappa_quadratic,
    "alpha_interval": alpha_interval,
    "alpha_ordinal": alpha_ordinal,
    "icc_2_1": icc_2_1,
    "icc_3_1": icc_3_1,
    "spearman": spearman,
    "pearson": pearson,
    "mean_shift": mean_shift,
}
"""Figures of two raters, by name."""

GROUP_FIGURES: Mapping[str, Figure] = {name: PAIR_FIGURES[name] for name in PAIR_FIGURES if name[:3] in ("alp", "icc")}
"""Those of them that any number of raters have."""


def items_rated(ratings: Ratings) -> NDArray[np.int64]:
    """How many items every rater has rated."""
    return np.asarray((~np.isnan(ratings).any(axis=-2)).sum(axis=-1))


def _alpha(paired: Ratings) -> NDArray[np.float64]:
    counts = (~np.isnan(paired)).sum(axis=-2)
    within = np.nansum((paired - _mean(paired, axis=-2)[..., None, :]) ** 2, axis=-2)
    total = counts.sum(axis=-1)
    weights = np.divide(counts, counts - 1, out=np.zeros(counts.shape), where=counts > 1)
    together = paired.reshape(*paired.shape[:-2], -1)
    around = np.nansum((together - _mean(together)[..., None]) ** 2, axis=-1)
    seen = 2 * (weights * within).sum(axis=-1) / np.maximum(total, 1)
    expected = 2 * around / np.maximum(total - 1, 1)
    return 1 - _ratio(seen, expected, enough=(counts > 1).sum(axis=-1) >= _FEWEST)


def _mean_squares(ratings: Ratings) -> tuple[NDArray[np.float64], ...]:
    """Mean squares of items, raters and error, with the numbers of raters and items, over the complete items."""
    complete = _complete(ratings)
    raters, items = np.asarray(float(complete.shape[-2])), _count(complete[..., 0, :])
    by_item, by_rater = complete.mean(axis=-2), _mean(complete)
    grand = _mean(by_item)
    left = np.maximum(items - 1, 1)
    rows = raters * np.nansum((by_item - grand[..., None]) ** 2, axis=-1) / left
    columns = items * ((by_rater - grand[..., None]) ** 2).sum(axis=-1) / (raters - 1)
    rest = complete - by_item[..., None, :] - by_rater[..., None] + grand[..., None, None]
    error = np.nansum(rest**2, axis=(-2, -1)) / (left * (raters - 1))
    return rows, columns, error, raters, items


def _complete(ratings: Ratings) -> Ratings:
    """`ratings` without the items that one of the raters has not rated."""
    return np.where(np.isnan(ratings).any(axis=-2, keepdims=True), np.nan, ratings)


def _enough(complete: Ratings) -> NDArray[np.bool_]:
    return np.asarray(items_rated(complete) >= _FEWEST)


def _count(values: Ratings) -> NDArray[np.float64]:
    return np.asarray((~np.isnan(values)).sum(axis=-1), dtype=float)


def _mean(values: Ratings, *, axis: int = -1) -> NDArray[np.float64]:
    """The mean without missing values; NaN where all are missing."""
    count = (~np.isnan(values)).sum(axis=axis)
    total = np.nansum(values, axis=axis)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))


def _ratio(over: Ratings, under: Ratings, *, enough: NDArray[np.bool_]) -> NDArray[np.float64]:
    defined = enough & (np.nan_to_num(under) > _NOTHING)
    return np.asarray(np.divide(over, under, out=np.full(np.shape(under), np.nan), where=defined))
