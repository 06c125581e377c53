"""Elo and Bradley-Terry against values worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from analysis.bradley_terry import bradley_terry
from analysis.elo import elo


def contests(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """(a, b, winner) in the order of asking."""
    frame = pd.DataFrame(rows, columns=["a_id", "b_id", "winner"])
    return frame.assign(scenario="loss", order=range(len(frame)))


def test_equals_share_sixteen_points() -> None:
    """LE-145: 1000 against 1000 becomes 1016 and 984."""
    assert elo(contests(("x", "y", "A"))).to_dict() == {"x": 1016.0, "y": 984.0}


def test_a_favourite_gains_little() -> None:
    """LE-145: 1200 beats 1000 and gains 32 (1 - 1 / (1 + 10^-0.5)) = 7.688; the sum stays."""
    expected = 32 * (1 - 1 / (1 + 10 ** (-200 / 400)))
    assert expected == pytest.approx(7.688, abs=5e-4)

    rising = contests(*[("x", "y", "A")] * 40)
    before, after = elo(rising.head(39)), elo(rising)

    gap = before["x"] - before["y"]
    assert after["x"] - before["x"] == pytest.approx(32 * (1 - 1 / (1 + 10 ** (-gap / 400))))
    assert after.sum() == pytest.approx(2000)


def test_a_failed_judgement_moves_nothing_and_a_tie_between_equals_neither() -> None:
    """An empty winner is missing, not a draw; the order of asking counts, not that of the rows."""
    assert elo(contests(("x", "y", ""))).empty
    assert elo(contests(("x", "y", "tie"))).to_dict() == {"x": 1000.0, "y": 1000.0}
    rows = contests(("x", "y", "A"), ("y", "z", "A"), ("z", "x", "A"))
    pd.testing.assert_series_equal(elo(rows.iloc[::-1]).sort_index(), elo(rows).sort_index())


def test_two_items_have_the_log_odds_of_their_wins() -> None:
    """7 wins against 3: log(7/3) apart, with variance 1/7 + 1/3 of the difference, a quarter of it each."""
    found = bradley_terry(pd.Series(["x"] * 7 + ["y"] * 3), pd.Series(["y"] * 7 + ["x"] * 3))
    items = found.items

    assert not found.regularised
    assert items.at["x", "strength"] - items.at["y", "strength"] == pytest.approx(math.log(7 / 3))
    assert items.at["x", "se"] == pytest.approx(math.sqrt(1 / 7 + 1 / 3) / 2)
    assert items["strength"].sum() == pytest.approx(0)


def test_a_noiseless_order_comes_back_and_says_that_it_is_regularised() -> None:
    """LE-161: the best always wins, likelihood has no maximum, and the ranks are still right: rho = 1."""
    order = [f"c{i:02d}" for i in range(12)]
    pairs = [(better, worse) for at, better in enumerate(order) for worse in order[at + 1 :]]
    found = bradley_terry(*(pd.Series(side) for side in zip(*pairs, strict=True)))

    assert found.regularised
    assert np.isfinite(found.items[["strength", "se"]].to_numpy()).all()
    assert spearmanr(found.items.loc[order, "strength"], range(12, 0, -1)).statistic == pytest.approx(1)


def test_planted_strengths_are_recovered() -> None:
    """3,000 choices among 20 items: off by what the standard errors allow."""
    rng = np.random.default_rng(4)
    truth = rng.normal(size=20)
    truth -= truth.mean()
    a, b = np.array([rng.choice(20, 2, replace=False) for _ in range(3000)]).T
    wins = rng.random(3000) < 1 / (1 + np.exp(truth[b] - truth[a]))
    found = bradley_terry(pd.Series(np.where(wins, a, b)), pd.Series(np.where(wins, b, a)))

    z = (found.items["strength"] - truth) / found.items["se"]
    assert abs(z).max() < 3.5
    assert 0.6 < z.std() < 1.4


def test_nobody_compared_nothing() -> None:
    """No choices, no items."""
    assert bradley_terry(pd.Series(dtype=object), pd.Series(dtype=object)).items.empty
