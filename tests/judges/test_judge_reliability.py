"""Agreement figures: against published examples, other packages, and values worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import cohen_kappa_score

from judges import reliability as figures
from judges.reliability import PAIR_FIGURES

PUBLISHED = 0.005
"""Published figures have two or three places."""

# Shrout and Fleiss (1979), Psychol. Bull. 86(2), table 2: six targets, four judges.
TARGETS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float).T

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve units.
_ = np.nan
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
)


def test_intraclass_correlations_are_those_of_shrout_and_fleiss() -> None:
    """ICC(2,1) = .29 and ICC(3,1) = .71 on their own table."""
    assert figures.icc_2_1(TARGETS) == pytest.approx(0.29, abs=PUBLISHED)
    assert figures.icc_3_1(TARGETS) == pytest.approx(0.71, abs=0.006)


def test_alphas_are_those_of_krippendorff() -> None:
    """Interval alpha .849 and ordinal alpha .815 on his own data, missing values and a lone rating included."""
    assert figures.alpha_interval(OBSERVERS) == pytest.approx(0.849, abs=PUBLISHED)
    assert figures.alpha_ordinal(OBSERVERS) == pytest.approx(0.815, abs=PUBLISHED)


def drawn(seed: int) -> np.ndarray:
    """Two raters who partly agree on twenty items, from 1 to 5."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(1, 6, 20)
    return np.array([np.clip(truth + draw.integers(-1, 2, 20), 1, 5) for _ in range(2)], dtype=float)


@pytest.mark.parametrize("seed", range(5))
def test_kappa_rho_and_r_are_those_of_other_packages(seed: int) -> None:
    """scikit-learn's weighted kappa from the table of categories, and scipy's correlations."""
    first, second = pair = drawn(seed)

    assert figures.kappa_quadratic(pair) == pytest.approx(cohen_kappa_score(first, second, weights="quadratic"))
    assert figures.spearman(pair) == pytest.approx(spearmanr(first, second).statistic)
    assert figures.pearson(pair) == pytest.approx(pearsonr(first, second).statistic)


def test_kappa_by_hand() -> None:
    """Seen 0+1+0+4 = 5 of 4 items; expected over all 16 pairs 12+4+4+28 = 48, so 12 of 4: 1 - 5/12."""
    assert figures.kappa_quadratic(np.array([[1.0, 2, 3, 5], [1, 3, 3, 3]])) == pytest.approx(1 - 5 / 12)


def test_interval_alpha_by_hand() -> None:
    """Squared differences 0, 1, 1, mean 2/3; the ratings 1,1,2,3,4,5 around their mean 8/3 sum to 40/3.

    Their variance is 8/3 (ddof 1), and the mean squared difference of two of them twice that: 1 - (2/3) / (16/3).
    """
    assert figures.alpha_interval(np.array([[1.0, 2, 4], [1, 3, 5]])) == pytest.approx(1 - (2 / 3) / (32 / 6))


@pytest.mark.parametrize("name", [name for name in PAIR_FIGURES if name != "mean_shift"])
def test_the_same_scores_agree_fully_and_shuffled_ones_by_chance(name: str) -> None:
    """1 with oneself, about 0 with oneself shuffled (LE-87)."""
    scores = np.random.default_rng(0).integers(1, 6, 4000).astype(float)
    shuffled = np.random.default_rng(1).permutation(scores)

    assert PAIR_FIGURES[name](np.stack([scores, scores])) == pytest.approx(1)
    assert PAIR_FIGURES[name](np.stack([scores, shuffled])) == pytest.approx(0, abs=0.05)


def test_a_judge_who_is_lenient_by_a_point_shifts_by_a_point() -> None:
    """The order stays, the mean does not (EC-34)."""
    scores = drawn(3)[0]
    lenient = np.stack([scores + 1, scores])

    assert figures.mean_shift(lenient) == pytest.approx(1)
    assert figures.spearman(lenient) == pytest.approx(1)
    assert figures.icc_3_1(lenient) == pytest.approx(1)
    assert figures.icc_2_1(lenient) < 1


@pytest.mark.parametrize("name", PAIR_FIGURES)
def test_missing_ratings_leave_their_item_out(name: str) -> None:
    """NaN is neither a number nor a disagreement."""
    pair = drawn(1)
    holes = np.hstack([pair, [[np.nan, 3, np.nan], [5, np.nan, np.nan]]])

    assert PAIR_FIGURES[name](holes) == pytest.approx(PAIR_FIGURES[name](pair))


@pytest.mark.parametrize("name", [name for name in PAIR_FIGURES if name != "mean_shift"])
def test_what_says_nothing_is_not_a_number(name: str) -> None:
    """Two items only, or raters who never vary: NaN, and neither 0 nor 1."""
    assert np.isnan(PAIR_FIGURES[name](np.array([[1.0, 2], [1, 2]])))
    assert np.isnan(PAIR_FIGURES[name](np.full((2, 6), 2.0)))


@pytest.mark.parametrize("name", PAIR_FIGURES)
def test_many_resamples_at_once_are_each_by_itself(name: str) -> None:
    many = np.stack([drawn(seed) for seed in range(4)])

    assert PAIR_FIGURES[name](many) == pytest.approx([float(PAIR_FIGURES[name](pair)) for pair in many])


def test_fractions_are_rounded_half_up_for_kappa_only() -> None:
    """A crowd's 2.5 is a 3 where categories are needed, and a 2.5 where ranks are."""
    assert figures.kappa_quadratic(np.array([[1.4, 2.5, 4.5], [1, 3, 5]])) == pytest.approx(1)
    assert figures.spearman(np.array([[2.5, 2.6, 2.7], [1, 2, 3]])) == pytest.approx(1)
