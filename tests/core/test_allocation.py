"""Allocation: blocks balance, shares are fair, nobody meets a scenario twice, and every slot can be derived again."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from itertools import groupby, pairwise

import pytest
from scipy.stats import chi2_contingency, chisquare

from core.allocation import Allocation, allocate

CONDITIONS = ("control", "video", "ai_coach", "combined")
SCENARIOS = ("job_loss", "promotion", "undervalued", "cancer", "loss")
BLOCK_SIZES = [(4,), (8,), (4, 8)]

SHARE_TOLERANCE = 0.015
"""LE-4: 1.5 points around a quarter of 10,000."""
USE_TOLERANCE = 0.03
"""LE-6: 3 points around the 60 % that three of five scenarios are."""
ALPHA = 0.01
"""LE-6. The seeds below are fixed, so a test that passes once passes always."""
SLOTS = 50
"""Slots taken per seed: many short sequences instead of a long one, whose late slots take long to derive."""


LAID_DOWN = [
    (0, "video", ("undervalued", "loss", "promotion")),
    (0, "combined", ("undervalued", "promotion", "job_loss")),
    (0, "ai_coach", ("loss", "job_loss", "undervalued")),
    (0, "control", ("job_loss", "undervalued", "loss")),
    (1, "control", ("cancer", "job_loss", "promotion")),
    (1, "combined", ("promotion", "undervalued", "loss")),
]
"""The first six slots of seed 20260101 with blocks of 4 and 8: block, condition, scenarios."""


def slot(number: int, *, seed: int = 1, block_sizes: tuple[int, ...] = (8,), rounds: int = 3) -> Allocation:
    return allocate(
        number, seed=seed, conditions=CONDITIONS, block_sizes=block_sizes, scenarios=SCENARIOS, rounds=rounds
    )


@cache
def many(participants: int, block_sizes: tuple[int, ...] = (4, 8)) -> list[Allocation]:
    """So many participants, of sequences of `SLOTS` slots each."""
    seeds = range(participants // SLOTS)
    return [slot(number, seed=seed, block_sizes=block_sizes) for seed in seeds for number in range(SLOTS)]


# Conditions


@pytest.mark.parametrize("block_sizes", BLOCK_SIZES, ids=str)
def test_every_block_holds_every_condition_equally_often(block_sizes: tuple[int, ...]) -> None:
    """Whole blocks are balanced exactly, have a size of the list, and are numbered without a gap (LE-5)."""
    for seed in range(20):
        drawn = [slot(number, seed=seed, block_sizes=block_sizes) for number in range(200)]
        blocks = [[a.condition for a in block] for _, block in groupby(drawn, key=lambda a: a.block)]

        assert [a.slot for a in drawn] == list(range(200))
        assert sorted({a.block for a in drawn}) == list(range(len(blocks)))
        for block in blocks[:-1]:  # the last one may not be full
            assert len(block) in block_sizes
            assert set(Counter(block).values()) == {len(block) // len(CONDITIONS)}
            assert set(block) == set(CONDITIONS)


def test_all_sizes_of_the_list_are_drawn() -> None:
    """With [4, 8] both sizes occur, about equally often, so that the end of a block cannot be foretold."""
    sizes = Counter[int]()
    for seed in range(40):
        blocks = Counter(slot(number, seed=seed, block_sizes=(4, 8)).block for number in range(120))
        del blocks[max(blocks)]
        sizes.update(blocks.values())

    assert set(sizes) == {4, 8}
    assert chisquare([sizes[4], sizes[8]]).pvalue > ALPHA


@pytest.mark.parametrize("number", range(0, 300, 7))
def test_conditions_are_never_further_apart_than_half_a_block(number: int) -> None:
    """At any moment of recruitment no condition leads another by more than a block of eight holds of each."""
    so_far = Counter(slot(n).condition for n in range(number))
    counts = [so_far[condition] for condition in CONDITIONS]

    assert max(counts) - min(counts) <= 2


def test_four_conditions_get_a_quarter_each() -> None:
    """10,000 participants: every condition within 1.5 points of 25 % (LE-4)."""
    shares = Counter(a.condition for a in many(10_000))

    assert set(shares) == set(CONDITIONS)
    assert all(abs(share / 10_000 - 0.25) <= SHARE_TOLERANCE for share in shares.values())


def test_the_order_within_blocks_is_random() -> None:
    """In the first blocks of 500 sequences every condition stands in every place about equally often."""
    table = [Counter(slot(place, seed=seed, block_sizes=(4,)).condition for seed in range(500)) for place in range(4)]

    assert chi2_contingency([[row[condition] for condition in CONDITIONS] for row in table]).pvalue > ALPHA


# Scenarios


def test_nobody_meets_a_scenario_twice() -> None:
    """5,000 participants, three scenarios each, all different and all of the study (LE-6)."""
    for allocation in many(5_000):
        assert len(set(allocation.scenario_order)) == len(allocation.scenario_order) == 3
        assert set(allocation.scenario_order) <= set(SCENARIOS)


def test_every_scenario_is_used_equally_often() -> None:
    """Three of five: each scenario is met by 60 % of 5,000 participants, give or take 3 points (LE-6)."""
    used = Counter(scenario for a in many(5_000) for scenario in a.scenario_order)

    assert all(abs(used[scenario] / 5_000 - 0.6) <= USE_TOLERANCE for scenario in SCENARIOS)


def test_scenarios_stand_in_every_round_equally_often() -> None:
    """Scenario and position are independent (LE-6)."""
    table = [Counter(a.scenario_order[position] for a in many(5_000)) for position in range(3)]

    assert chi2_contingency([[row[scenario] for scenario in SCENARIOS] for row in table]).pvalue > ALPHA


def test_scenarios_do_not_depend_on_the_condition() -> None:
    """The order is drawn apart from the condition: every condition meets every first scenario equally often."""
    firsts = Counter((a.condition, a.scenario_order[0]) for a in many(5_000))
    table = [[firsts[condition, scenario] for scenario in SCENARIOS] for condition in CONDITIONS]

    assert chi2_contingency(table).pvalue > ALPHA


def test_neighbours_do_not_share_their_order() -> None:
    """Orders of one slot and the next are independent: as often the same first scenario as chance has it."""
    drawn = [slot(number, seed=seed) for seed in range(20) for number in range(SLOTS)]
    neighbours = [(a, b) for a, b in pairwise(drawn) if b.slot == a.slot + 1]
    same = sum(a.scenario_order[0] == b.scenario_order[0] for a, b in neighbours)
    pairs = len(neighbours)

    assert chisquare([same, pairs - same], [pairs / 5, pairs * 4 / 5]).pvalue > ALPHA


# Deriving again


def test_a_slot_can_be_derived_again() -> None:
    """Drawn alone, backwards, or with other draws of chance in between: a slot holds what it holds (LE-5)."""
    forwards = [slot(number, seed=5, block_sizes=(4, 8)) for number in range(60)]
    backwards = []
    for number in reversed(range(60)):
        random.seed(number)
        slot(number, seed=6)
        backwards.append(slot(number, seed=5, block_sizes=(4, 8)))

    assert backwards[::-1] == forwards


def test_the_sequence_stays_what_it_was() -> None:
    """These allocations were drawn when the sequence was laid down; datasets are checked against it for ever.

    A failure here means that allocations of studies under way could no longer be derived from their seeds.
    """
    drawn = [slot(number, seed=20_260_101, block_sizes=(4, 8)) for number in range(6)]

    assert [(a.block, a.condition, a.scenario_order) for a in drawn] == LAID_DOWN


def test_seeds_differ() -> None:
    """Two studies with different seeds do not get the same sequence."""
    one, other = ([slot(number, seed=seed).condition for number in range(64)] for seed in (1, 2))

    assert one != other


def test_conditions_do_not_hang_on_how_many_rounds_there_are() -> None:
    """Two draws from two streams: more rounds, the same conditions."""
    assert [slot(n, rounds=1).condition for n in range(40)] == [slot(n, rounds=5).condition for n in range(40)]
    assert set(slot(0, rounds=5).scenario_order) == set(SCENARIOS)


def test_more_rounds_than_scenarios_is_an_error() -> None:
    """Nobody is sent to the same partner twice to fill the rounds."""
    with pytest.raises(ValueError):
        slot(0, rounds=6)
