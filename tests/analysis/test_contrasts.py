"""Wald contrasts and Holm's correction, against values worked by hand and printed by the paper."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from analysis.contrasts import PAIRS, contrast, contrasts, holm
from analysis.effects import TERMS
from analysis.labels import stars
from analysis.paper import printed_at
from analysis.regression import Fit
from core.dimensions import DIMENSIONS

HALF_Z, HALF_P = 0.005, 0.0005
"""z is printed with two digits and p with three, so each printed number stands for an interval."""


def holm_of(zs: list[float]) -> list[tuple[float, float]]:
    """The Holm-corrected p values that printed z values allow, each as (lowest, highest) with p's own rounding."""
    low, high = (holm([float(2 * norm.sf(abs(z) + step)) for z in zs]) for step in (HALF_Z, -HALF_Z))
    return [(a - HALF_P, b + HALF_P) for a, b in zip(low, high, strict=True) if a is not None and b is not None]


def fit_with(estimates: dict[str, float], covariance: dict[tuple[str, str], float], *, sd: float = 2.0) -> Fit:
    """A fitted model that has these numbers and zero elsewhere."""
    cov = np.zeros((len(TERMS), len(TERMS)))
    for (a, b), value in covariance.items():
        cov[TERMS.index(a), TERMS.index(b)] = cov[TERMS.index(b), TERMS.index(a)] = value
    values = np.array([estimates.get(name, 0.0) for name in TERMS])
    return Fit(TERMS, values, cov, n=2904, clusters=968, sd=sd)


def test_wald_z_uses_the_covariance_of_the_two_coefficients() -> None:
    """(0.6 - 0.2) / sqrt(0.010 + 0.006 - 2 x 0.0035) = 0.4 / sqrt(0.009) = 4.2164 (LE-97)."""
    fit = fit_with(
        {"ai_coach:post": 0.6, "video:post": 0.2},
        {
            ("ai_coach:post", "ai_coach:post"): 0.010,
            ("video:post", "video:post"): 0.006,
            ("ai_coach:post", "video:post"): 0.0035,
        },
    )

    found = contrast(fit, "advice_giving", ("ai_coach", "video"))

    assert found.difference == pytest.approx(0.4)
    assert found.standardised == pytest.approx(0.2)
    assert found.z == pytest.approx(4.21637, abs=1e-5)
    assert found.p == pytest.approx(2 * norm.sf(4.21637), rel=1e-4)


def test_holm_multiplies_by_the_number_left_and_never_falls() -> None:
    """.01 x 3 = .03; .04 x 2 = .08; .05 x 1 rises to .08; order is kept."""
    assert holm([0.05, 0.01, 0.04]) == pytest.approx([0.08, 0.03, 0.08])


def test_holm_leaves_out_what_is_undefined() -> None:
    """An undefined p stays undefined and does not make the family larger."""
    assert holm([None, 0.02, 0.03]) == [None, pytest.approx(0.04), pytest.approx(0.04)]
    assert holm([None, None]) == [None, None]


def test_holm_over_three_gives_the_printed_p_of_le_98() -> None:
    """z of -3.22, -2.47 and 0.72 give .004, .027 and .47."""
    allowed = holm_of([-3.22, -2.47, 0.72])

    for (low, high), printed in zip(allowed, (0.004, 0.027, 0.47), strict=True):
        assert low <= printed <= high


@pytest.mark.parametrize("dimension", [str(d) for d in DIMENSIONS])
def test_every_printed_p_follows_from_its_printed_z_by_holm_over_three(dimension: str) -> None:
    """LE-99 to LE-104: the paper corrected within a dimension, whatever its caption says (C-6)."""
    rows = printed_at("contrasts", dimension)

    for (low, high), (_, _, printed) in zip(holm_of([z for _, z, _ in rows]), rows, strict=True):
        assert low < 0.001 if printed.startswith("<") else low <= float(printed) <= high


@pytest.mark.parametrize(
    ("dimension", "pair", "expected"),
    [
        ("validating_emotions", ("ai_coach", "video"), 0.007),
        ("self_oriented", ("combined", "video"), 0.095),
        ("dismissing_emotions", ("combined", "ai_coach"), 0.089),
        ("advice_giving", ("combined", "ai_coach"), 0.012),
    ],
)
def test_holm_over_eighteen_gives_other_p_values(dimension: str, pair: tuple[str, str], expected: float) -> None:
    """The other reading of C-6, from the same printed z values."""
    places = [(str(d), one) for d in DIMENSIONS for one in PAIRS]
    allowed = holm_of([row[1] for d in DIMENSIONS for row in printed_at("contrasts", str(d))])
    low, high = allowed[places.index((dimension, pair))]

    assert low <= expected <= high


@pytest.mark.parametrize("dimension", [str(d) for d in DIMENSIONS])
def test_printed_contrasts_are_differences_of_printed_effects_in_sd(dimension: str) -> None:
    """One SD per dimension turns the points of Table 1 into all three differences of Table 2, to their rounding."""
    effects = printed_at("effects", dimension)
    raw = np.array([effects[f"{a}:post"][0] - effects[f"{b}:post"][0] for a, b in PAIRS])
    printed = np.array([row[0] for row in printed_at("contrasts", dimension)])
    fits = [sd for sd in np.linspace(0.7, 1.4, 701) if (abs(raw / sd - printed) <= 0.005 + 0.001 / sd).all()]

    assert fits


@pytest.mark.parametrize(("treatment", "total"), [("ai_coach", 2.909), ("combined", 3.628), ("video", 1.603)])
def test_the_overall_gain_is_the_sum_over_dimensions(treatment: str, total: float) -> None:
    """LE-96: prescriptive effects minus proscriptive ones give the gain in overall points."""
    printed = [printed_at("effects", str(d), f"{treatment}:post")[0] for d in DIMENSIONS]

    assert sum(printed[:3]) - sum(printed[3:]) == pytest.approx(total, abs=1e-9)


def test_a_contrast_without_variance_has_no_test() -> None:
    """A difference whose standard error is nothing has no z and no p."""
    fit = fit_with({"ai_coach:post": 1.0}, {})

    found = contrasts(dict.fromkeys([str(d) for d in DIMENSIONS], fit))

    assert len(found) == 18
    assert found[0].difference == 1.0
    assert found[0].z is None
    assert found[0].p_holm_all is None


@pytest.mark.parametrize(
    ("p", "mark"), [(None, ""), (0.05, ""), (0.0499, "*"), (0.01, "*"), (0.0099, "**"), (0.001, "**"), (0.0009, "***")]
)
def test_stars_begin_below_their_bound(p: float | None, mark: str) -> None:
    """LE-90: .05, .01 and .001 themselves belong to the weaker side."""
    assert stars(p) == mark
