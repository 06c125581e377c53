"""Agreement of the judge with other raters, against published and hand-worked values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.agreement import agreement, agreements
from core.dimensions import DIMENSIONS


def test_alpha_and_kappa_by_hand() -> None:
    """Pairs (1,1) (2,3) (4,4): squared differences 0, 1, 0.

    Observed 1/3; the six values have variance 1.9 (ddof 1), expected 3.8: alpha = 1 - .3333/3.8 = .9123. Kappa with
    squared weights: observed 1/3, expected the mean over all nine crossings (0+4+9+1+1+4+9+1+0)/9 = 29/9: .8966.
    """
    found = agreement(np.array([[1, 1], [2, 3], [4, 4]], dtype=float))

    assert found.alpha_interval == pytest.approx(1 - (1 / 3) / 3.8)
    assert found.kappa_quadratic == pytest.approx(1 - (1 / 3) / (29 / 9))
    assert found.spearman == pytest.approx(1)
    assert found.n == 3


@pytest.mark.parametrize("ratings", [np.empty((0, 2)), np.array([[1.0, 2.0], [3.0, 3.0]])])
def test_below_three_conversations_there_is_no_agreement(ratings: np.ndarray) -> None:
    """Two points always correlate perfectly."""
    found = agreement(ratings)

    assert (found.spearman, found.kappa_quadratic, found.n) == (None, None, len(ratings))


def test_raters_who_never_vary_have_no_agreement() -> None:
    """All the same is neither agreement nor disagreement."""
    found = agreement(np.full((5, 2), 3.0))

    assert (found.kappa_quadratic, found.alpha_interval, found.icc_2_1, found.icc_3_1, found.spearman) == (None,) * 5


def test_every_other_rater_is_set_beside_the_judge() -> None:
    """Repeats are averaged, missing scores leave their pair out."""
    rows = [
        (f"c{i}", model, repeat, str(d), score)
        for i in range(4)
        for d in DIMENSIONS
        for model, repeat, score in (("openai:a", 1, 1 + i), ("openai:a", 2, 1 + i), ("human:r1", 1, 1 + (i % 3)))
    ]
    scores = pd.DataFrame(rows, columns=["conversation_id", "model", "repeat", "dimension", "score"])
    scores["score"] = scores["score"].astype(float)
    scores.loc[(scores["model"] == "human:r1") & (scores["conversation_id"] == "c3"), "score"] = np.nan

    found = agreements(scores, "openai:a")

    assert list(found) == ["human:r1"]
    assert found["human:r1"]["advice_giving"].n == 3
    assert found["human:r1"]["advice_giving"].kappa_quadratic == pytest.approx(1)
