"""Elo, Bradley–Terry and the choice of pairs: by hand, against another way of computing, and on planted strengths."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from random import Random

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from judges.bradley_terry import bradley_terry, controlled
from judges.comparison_file import ComparedRow
from judges.elo import Elo, Outcome
from judges.pairs import Meetings, next_pairs
from judges.ratings import position

ROUGHLY = 1e-4
"""Two optimisers stop at slightly different points."""


def test_equals_move_by_half_of_k() -> None:
    """1000 v 1000: the winner has 1016, the other 984 (LE-145)."""
    elo = Elo()
    elo.record(Outcome("a", "b", 1.0))

    assert elo.ratings == {"a": 1016.0, "b": 984.0}


def test_a_favourite_gains_little() -> None:
    """1200 beats 1000: expected 1 / (1 + 10^-0.5) = 0.75975, so 32 · 0.24025 = 7.688."""
    elo = Elo(ratings={"a": 1200.0, "b": 1000.0})
    elo.record(Outcome("a", "b", 1.0))

    assert elo.ratings["a"] - 1200 == pytest.approx(7.688, abs=0.0005)


def test_ratings_only_change_hands() -> None:
    """Whatever happens, ties included, the sum of all ratings stays; start and K are settings."""
    draw = Random(1)
    elo = Elo(start=1500, k=10)
    ids = list("abcdef")
    elo.enter(ids)
    for _ in range(500):
        a, b = draw.sample(ids, 2)
        elo.record(Outcome(a, b, draw.choice([0.0, 0.5, 1.0])))

    assert sum(elo.ratings.values()) == pytest.approx(6 * 1500)


IDS = [f"c{number}" for number in range(20)]


def counts_after(pairs: int, *, seed: int) -> tuple[Counter[str], list[float], dict[str, float]]:
    """How often each of twenty was compared, the rating gaps and the ratings, when the better number always wins."""
    elo, meetings, gaps = Elo(), Meetings(), []
    elo.enter(IDS)
    draw = Random(seed)
    for _ in range(pairs // 10):
        for pair in next_pairs(IDS, elo.ratings, meetings, number=10, draw=draw):
            gaps.append(abs(elo.ratings[pair.a] - elo.ratings[pair.b]))
            elo.record(Outcome(pair.a, pair.b, float(IDS.index(pair.a) > IDS.index(pair.b))))
    return meetings.times, gaps, elo.ratings


def test_adaptive_pairs_spread_more_evenly_than_chance() -> None:
    """No conversation meets itself, counts differ less than under random pairs, and so do ratings (LE-144).

    Random partners would be as far apart as any two conversations are.
    """
    draw = Random(5)
    by_chance = Counter(id_ for _ in range(200) for id_ in draw.sample(IDS, 2))
    times, gaps, ratings = counts_after(200, seed=5)

    assert sum(times.values()) == 400
    assert max(times.values()) - min(times.values()) < max(by_chance.values()) - min(by_chance.values())
    among_all = np.mean([abs(ratings[a] - ratings[b]) for a, b in combinations(IDS, 2)])
    assert np.mean(gaps[-100:]) < among_all * 0.75


def test_a_conversation_never_meets_itself_and_the_seed_decides() -> None:
    first, again = (
        list(next_pairs(IDS, dict.fromkeys(IDS, 0.0), Meetings(), number=300, draw=Random(7))) for _ in range(2)
    )

    assert first == again
    assert all(pair.a != pair.b for pair in first)
    assert len({frozenset((pair.a, pair.b)) for pair in first}) > 150


def test_three_wins_of_four_are_odds_of_three() -> None:
    """With two conversations the strength difference is log(3/1), its variance 1/3 + 1/1."""
    outcomes = [Outcome("a", "b", 1.0)] * 3 + [Outcome("b", "a", 1.0)]
    strengths = bradley_terry(["a", "b"], outcomes)

    difference = strengths.estimates[0] - strengths.estimates[1]
    variance = strengths.covariance[0, 0] + strengths.covariance[1, 1] - 2 * strengths.covariance[0, 1]
    assert difference == pytest.approx(math.log(3), abs=ROUGHLY)
    assert variance == pytest.approx(4 / 3, abs=ROUGHLY)
    assert not strengths.is_separated


def drawn(strengths: dict[str, float], *, number: int, seed: int) -> list[Outcome]:
    draw, ids = Random(seed), list(strengths)
    outcomes = []
    for _ in range(number):
        a, b = draw.sample(ids, 2)
        chance = 1 / (1 + math.exp(strengths[b] - strengths[a]))
        outcomes.append(Outcome(a, b, 0.5 if draw.random() < 0.1 else float(draw.random() < chance)))
    return outcomes


def test_strengths_are_where_the_likelihood_is_highest() -> None:
    """Ties counted half, against a general optimiser of the same likelihood; planted strengths lie in the intervals."""
    planted = {"a": -1.0, "b": -0.5, "c": 0.0, "d": 0.5, "e": 1.0}
    outcomes = drawn(planted, number=600, seed=3)
    place = {id_: number for number, id_ in enumerate(planted)}

    def loss(theta: np.ndarray) -> float:
        gaps = [(theta[place[o.a]] - theta[place[o.b]], o.share) for o in outcomes]
        return sum(math.log1p(math.exp(-gap)) + (1 - share) * gap for gap, share in gaps) + theta.sum() ** 2

    best = minimize(loss, np.zeros(5), method="BFGS").x
    found = bradley_terry(list(planted), outcomes)

    assert found.estimates == pytest.approx(best - best.mean(), abs=1e-3)
    assert (abs(found.estimates - np.array(list(planted.values()))) < 4 * found.errors).all()


def test_strengths_and_their_errors_are_those_of_a_regression() -> None:
    """statsmodels fits the same as a binomial regression without intercept, the first conversation at 0."""
    ids = list("abcde")
    outcomes = drawn(dict.fromkeys(ids, 0.0), number=300, seed=2)
    design = np.array([[(id_ == o.a) - float(id_ == o.b) for id_ in ids[1:]] for o in outcomes])
    fit = sm.GLM([o.share for o in outcomes], design, family=sm.families.Binomial()).fit()
    ours = bradley_terry(ids, outcomes)

    assert ours.estimates[1:] - ours.estimates[0] == pytest.approx(fit.params, abs=ROUGHLY)
    contrast = np.hstack([-np.ones((4, 1)), np.eye(4)])
    assert contrast @ ours.covariance @ contrast.T == pytest.approx(fit.cov_params(), abs=ROUGHLY)


def test_one_who_never_loses_has_a_finite_strength() -> None:
    """Plain estimates would be infinite; instead they are finite, in order, and marked as separated."""
    outcomes = [Outcome("a", "b", 1.0), Outcome("a", "c", 1.0), Outcome("b", "c", 1.0)]
    strengths = bradley_terry(["a", "b", "c"], outcomes)

    assert strengths.is_separated
    assert np.isfinite(strengths.estimates).all()
    assert np.isfinite(strengths.errors).all()
    assert list(strengths.estimates) == sorted(strengths.estimates, reverse=True)


def test_one_who_was_never_compared_is_average_and_uncertain() -> None:
    strengths = bradley_terry(["a", "b", "c"], [Outcome("a", "b", 1.0), Outcome("b", "a", 1.0)])

    assert strengths.estimates[2] == pytest.approx(0, abs=ROUGHLY)
    assert strengths.errors[2] > strengths.errors[0]


def test_length_is_taken_out_by_a_straight_line() -> None:
    """What is left is the residual of numpy's own least squares on the same covariate."""
    planted = {id_: 0.3 * number for number, id_ in enumerate("abcdefgh")}
    strengths = bradley_terry(list(planted), drawn(planted, number=500, seed=1))
    words = np.array([[10.0], [25.0], [20.0], [50.0], [45.0], [70.0], [65.0], [90.0]])

    without = controlled(strengths, words)
    slope, level = np.polyfit((words[:, 0] - words.mean()) / words.std(ddof=1), strengths.estimates, 1)

    assert without is not None
    assert without[1][0].estimate == pytest.approx(slope)
    line = level + slope * (words[:, 0] - words.mean()) / words.std(ddof=1)
    assert without[0].estimates == pytest.approx(strengths.estimates - line)
    assert controlled(strengths, np.ones((8, 1))) is None
    assert controlled(strengths, np.hstack([words, words])) is None


def row(winner: str, first: str, second: str) -> ComparedRow:
    return ComparedRow("s", "1", "a", "b", winner, "m:1", "compare/1", "", first, second)


def test_flips_are_counted_with_their_direction() -> None:
    """Two of four turned with the order, one to each place; an unanswered pair is none of the four."""
    rows = [row("A", "A", "B"), row("B", "B", "A"), row("tie", "A", "A"), row("tie", "B", "B"), row("", "A", "")]

    found = position(rows)

    assert (found["pairs"], found["flips"], found["flip_rate"]) == (4, 2, 0.5)
    assert (found["to_first"], found["to_second"]) == (1, 1)
    assert found["first_share"] == pytest.approx(5 / 9)
    assert position([])["flip_rate"] is None
