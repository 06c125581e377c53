"""Reliable change, against values worked by hand (LE-106 to LE-110)."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.reliable_change import (
    Verdict,
    changes,
    reliability,
    reliable_change,
    standard_error_of_change,
    verdict,
)


def conversations(rows: list[tuple[str, str, float, float, float]]) -> pd.DataFrame:
    """One person per row: id, condition, overall in rounds 1, 2 and 3 (NaN = not judged)."""
    return pd.DataFrame(
        [
            {"participant_id": who, "condition": condition, "round": float(round_), "overall": overall}
            for who, condition, *scores in rows
            for round_, overall in enumerate(scores, start=1)
        ]
    )


def test_reliability_of_the_paper() -> None:
    """11.8676 / (11.8676 + 5.3823) = .6880 (LE-107)."""
    assert reliability(11.8676, 5.3823) == pytest.approx(0.6880, abs=5e-5)


def test_standard_error_and_threshold_of_the_paper() -> None:
    """sqrt(5.3823 + 5.3823 / 2) = 2.8414, and 1.96 of it are 5.57 points (LE-108)."""
    assert standard_error_of_change(5.3823) == pytest.approx(2.8414, abs=5e-5)
    assert 1.96 * standard_error_of_change(5.3823) == pytest.approx(5.57, abs=5e-3)


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        (1.96, Verdict.IMPROVED),
        (1.9599, Verdict.UNCHANGED),
        (-1.96, Verdict.DECLINED),
        (-1.9599, Verdict.UNCHANGED),
        (0.0, Verdict.UNCHANGED),
        (float("nan"), Verdict.UNKNOWN),
    ],
)
def test_the_bounds_themselves_are_reliable(z: float, expected: Verdict) -> None:
    """LE-109: from 1.96 on, both ends included."""
    assert verdict(z) is expected


def test_change_is_the_mean_of_two_rounds_minus_the_first() -> None:
    """(3 + 6) / 2 - (-1) = 5.5; who lacks a round is not classified."""
    found = changes(conversations([("a", "video", -1, 3, 6), ("b", "video", 1, float("nan"), 2)]), se_change=2.0)

    assert found["participant_id"].tolist() == ["a"]
    assert found["change"].tolist() == [5.5]
    assert found["z"].tolist() == [2.75]
    assert found["verdict"].tolist() == ["improved"]


def test_shares_by_condition_are_worked_by_hand() -> None:
    """Controls (0, 2, 4), (4, 2, 0): within-person variance 4, between negative, so error = REML of all six values.

    Their mean is 2 and the squares sum to 16; with nothing between people the error variance is 16 / 5 = 3.2, the
    standard error sqrt(4.8) = 2.1909 and the threshold 4.294 points.
    """
    found = reliable_change(
        conversations(
            [
                ("a", "control", 0, 2, 4),
                ("b", "control", 4, 2, 0),
                ("c", "ai_coach", -2, 3, 3),
                ("d", "ai_coach", 1, 1, 1),
                ("e", "ai_coach", 6, 0, 0),
            ]
        )
    )

    assert found.var_between == 0
    assert found.var_error == pytest.approx(3.2)
    assert found.reliability == 0
    assert found.threshold == pytest.approx(1.96 * 4.8**0.5)
    coach = found.by_condition["ai_coach"]
    assert (coach.n, coach.n_improved, coach.n_declined) == (3, 1, 1)
    assert coach.improved == pytest.approx(1 / 3)
    assert coach.mean_change == pytest.approx((5 + 0 - 6) / 3)
    assert found.by_condition["video"].n == 0
    assert found.by_condition["video"].improved is None


def test_the_measurement_model_also_uses_people_who_lack_a_round() -> None:
    """A control with two judged conversations informs the error, and is not classified."""
    found = reliable_change(
        conversations(
            [("a", "control", 0, 2, 4), ("b", "control", 9, 7, 5), ("c", "control", 3, float("nan"), 1)],
        )
    )
    without = reliable_change(conversations([("a", "control", 0, 2, 4), ("b", "control", 9, 7, 5)]))

    assert found.by_condition["control"].n == 2
    assert found.var_error != pytest.approx(without.var_error)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("a", "video", 0, 1, 2)], "two people"),
        ([("a", "control", 1, 1, 1), ("b", "control", 5, 5, 5)], "changed at all"),
    ],
)
def test_without_error_variance_nobody_is_classified(
    rows: list[tuple[str, str, float, float, float]], reason: str
) -> None:
    """The shares are undefined, the mean change is not, and the reason is told."""
    found = reliable_change(conversations(rows))

    assert found.threshold is None
    assert found.note is not None
    assert reason in found.note
    first = found.by_condition[rows[0][1]]
    assert first.n == len(rows)
    assert first.improved is None
    assert first.mean_change is not None
