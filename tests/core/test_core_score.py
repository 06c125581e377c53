"""Scores and the six dimensions: the overall score is a difference of sums, and what is missing stays missing."""

from __future__ import annotations

from itertools import product

import pytest

from core.dimensions import DIMENSIONS, PRESCRIPTIVE, PROSCRIPTIVE, Dimension, framework
from core.score import SCALE, Score, overall


def scores(*values: int | None) -> dict[Dimension, int | None]:
    return dict(zip(DIMENSIONS, values, strict=True))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((5, 5, 5, 1, 1, 1), 12),
        ((1, 1, 1, 5, 5, 5), -12),
        ((3, 3, 3, 3, 3, 3), 0),
        ((4, 2, 5, 1, 3, 2), 11 - 6),
    ],
)
def test_overall_is_prescriptive_minus_proscriptive(values: tuple[int, ...], expected: int) -> None:
    """The first three added, the last three taken off (LE-83)."""
    assert overall(scores(*values)) == expected
    assert Score(scores=scores(*values)).overall == expected


def test_overall_reaches_from_minus_twelve_to_twelve() -> None:
    """Over all scores there are, every whole number in between occurs, and none beyond."""
    reached = {overall(scores(*values)) for values in product((1, 3, 4, 5), repeat=6)}

    assert reached == set(range(-12, 13))


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_overall_is_missing_when_one_dimension_is(dimension: Dimension) -> None:
    """Neither a null nor an absent dimension counts as anything."""
    whole = scores(5, 5, 5, 1, 1, 1)

    assert overall(whole | {dimension: None}) is None
    assert overall({d: score for d, score in whole.items() if d is not dimension}) is None


@pytest.mark.parametrize("score", [0, 6, -1, 100])
def test_score_off_the_scale_is_an_error(score: int) -> None:
    """A judge that answers seven of five has not answered."""
    with pytest.raises(ValueError, match=f"advice_giving: {score} is off the scale 1-5"):
        Score(scores=scores(1, 1, 1, score, 1, 1))


def test_dimensions_come_in_the_order_of_the_contract() -> None:
    """Names and order are what other programs read."""
    assert [d.value for d in PRESCRIPTIVE] == [
        "encouraging_elaboration",
        "validating_emotions",
        "demonstrating_understanding",
    ]
    assert [d.value for d in PROSCRIPTIVE] == ["advice_giving", "self_oriented", "dismissing_emotions"]
    assert (*PRESCRIPTIVE, *PROSCRIPTIVE) == DIMENSIONS
    assert [*SCALE] == [1, 2, 3, 4, 5]


def test_framework_defines_each_dimension_once() -> None:
    """One file for coach and judge: every dimension with a name, a definition and both ends of the scale."""
    shipped = framework()

    assert [definition.dimension for definition in shipped.definitions] == list(DIMENSIONS)
    for dimension in DIMENSIONS:
        definition = shipped[dimension]
        assert definition.dimension is dimension
        assert all((definition.name, definition.definition, definition.low, definition.high))
        assert definition.low != definition.high
    assert shipped.version
