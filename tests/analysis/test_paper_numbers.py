"""Every line of the paper's column that can be worked out from other printed numbers is worked out here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import pytest
from scipy.special import expit
from scipy.stats import norm

from analysis.flow import Flow
from analysis.labels import stars
from analysis.paper import printed
from analysis.reliable_change import reliability, standard_error_of_change
from analysis.sample import PAY_PER_HOUR
from analysis.themes.taxonomy import names
from core.dimensions import DIMENSIONS, PRESCRIPTIVE

PAPER = printed()
STARS = {
    "video:post": ("*", "***", "***", "***", "", "***"),
    "ai_coach:post": ("***", "***", "***", "***", "*", "***"),
    "combined:post": ("***", "***", "***", "***", "", "***"),
    "post": ("", "", "", "", "", ""),
    "video": ("", "", "", "*", "", ""),
    "ai_coach": ("", "", "", "", "", ""),
    "combined": ("", "", "", "", "", ""),
    "intercept": ("***",) * 6,
}
"""Extended Data Table 1, in the order of the dimensions."""
DEMOGRAPHIC_STARS = {
    "baseline": {"intercept": "", "age": "**", "female": "**"},
    "change": {"intercept": "***", "baseline": "***", "ai_coach": "***", "combined": "***"},
}
PAIRS = (("ai_coach", "video"), ("combined", "video"), ("combined", "ai_coach"))


def p_between(estimate: float, se: float, *, digits: int) -> tuple[float, float]:
    """The lowest and highest two-sided p that printed estimate and error allow, each rounded to `digits`."""
    half = 0.5 * 10**-digits
    largest = (abs(estimate) + half) / max(se - half, 1e-12)
    smallest = max(abs(estimate) - half, 0.0) / (se + half)
    return float(2 * norm.sf(largest)), float(2 * norm.sf(smallest))


def allowed_stars(estimate: float, se: float, *, digits: int = 3) -> set[str]:
    """The stars of every p between the bounds."""
    low, high = p_between(estimate, se, digits=digits)
    marks = {stars(low), stars(high)}
    return marks | {stars(bound - 1e-9) for bound in (0.001, 0.01, 0.05) if low < bound < high}


def test_the_flow_adds_up() -> None:
    """LE-27: 1,045 - 51 - 26 = 968."""
    flow = PAPER["flow"]
    assert flow["recruited"] - flow["incomplete"] - flow["ai_assistance"] == flow["analysed"] == 968
    assert set(flow) <= set(Flow.__dataclass_fields__)


def test_the_corpus_adds_up() -> None:
    """LE-28: three conversations each; messages of both sides; 11.69 messages per conversation."""
    corpus = PAPER["corpus"]
    assert corpus["participants"] * 3 == corpus["conversations"]
    assert corpus["supporter_messages"] + corpus["seeker_messages"] == corpus["messages"]
    assert corpus["messages"] / corpus["conversations"] == pytest.approx(11.69, abs=5e-3)


@pytest.mark.parametrize(
    ("variable", "percent"),
    [
        ("sex", {"female": 51.8, "male": 48.2}),
        ("ethnicity", {"white": 65.3, "black": 11.4, "mixed": 10.3, "other": 6.8, "asian": 6.2}),
    ],
)
def test_the_sample_adds_up(variable: str, percent: Mapping[str, float]) -> None:
    """LE-29: counts add to 968 and give the printed percentages."""
    counts = PAPER["sample"][variable]
    assert sum(counts.values()) == 968
    for value, printed_percent in percent.items():
        assert 100 * counts[value] / 968 == pytest.approx(printed_percent, abs=0.05 + 1e-9)


def test_twenty_minutes_pay_four_dollars() -> None:
    """LE-31."""
    assert pytest.approx(4.0) == 20 / 60 * PAY_PER_HOUR


@pytest.mark.parametrize("term", list(STARS))
def test_the_stars_of_the_effects_follow_from_estimates_and_errors(term: str) -> None:
    """LE-90 to LE-96: our stars for the printed numbers are the printed stars, as far as rounding lets them be."""
    for dimension, mark in zip(map(str, DIMENSIONS), STARS[term], strict=True):
        assert mark in allowed_stars(*PAPER["effects"][dimension][term]), dimension


def test_the_effects_add_up_to_the_gains() -> None:
    """LE-96, LE-105: prescriptive minus proscriptive give 2.909, 3.628 and 1.603 points; 2.909 / 2.968 = 0.98 SD."""
    gains = {
        treatment: sum(
            PAPER["effects"][str(d)][f"{treatment}:post"][0] * (1 if d in PRESCRIPTIVE else -1) for d in DIMENSIONS
        )
        for treatment in ("video", "ai_coach", "combined")
    }
    assert gains == pytest.approx({"ai_coach": 2.909, "combined": 3.628, "video": 1.603})
    assert round(gains["ai_coach"], 1) == PAPER["gain"]["ai_coach"]["points"]
    assert round(gains["ai_coach"] / 2.968, 2) == PAPER["gain"]["ai_coach"]["in_sd"]


@pytest.mark.parametrize("dimension", [str(d) for d in DIMENSIONS])
def test_the_contrasts_are_differences_of_the_effects_in_one_sd(dimension: str) -> None:
    """C-4: printed differences times one SD per dimension are the differences of the printed effects in points."""
    effects, contrasts = PAPER["effects"][dimension], PAPER["contrasts"][dimension]
    points = [effects[f"{a}:post"][0] - effects[f"{b}:post"][0] for a, b in PAIRS]
    bounds = [
        ((abs(raw) - 0.001) / (abs(sd) + 0.005), (abs(raw) + 0.001) / max(abs(sd) - 0.005, 1e-9))
        for raw, (sd, _, _) in zip(points, contrasts, strict=True)
    ]
    assert max(low for low, _ in bounds) <= min(high for _, high in bounds)
    assert all(raw * sd > 0 for raw, (sd, _, _) in zip(points, contrasts, strict=True))


@pytest.mark.parametrize("trouble", ["personal", "workplace"])
def test_the_shares_of_strategies_sum_to_their_family(trouble: str) -> None:
    """LE-137: within each family to 100 % in printed digits; the families that LE-129 prints are below the whole."""
    themes = PAPER["themes"][trouble]
    for family in ("affective", "cognitive", "motivational", "misattuned"):
        within = [one["share_of_family"] for path, one in themes.items() if path.startswith(f"{family}/")]
        assert sum(within) == pytest.approx(1, abs=0.0015)
    assert sum(one.get("share", 0) for one in themes.values()) < 1
    assert set(themes) <= set(names())


def test_reliable_change_follows_from_the_variances() -> None:
    """LE-107, LE-108: reliability, standard error and threshold from the two variances."""
    change = PAPER["reliable_change"]
    se = standard_error_of_change(change["var_error"])
    assert reliability(change["var_between"], change["var_error"]) == pytest.approx(change["reliability"], abs=5e-4)
    assert se == pytest.approx(change["se_change"], abs=5e-4)
    assert 1.96 * se == pytest.approx(change["threshold"], abs=5e-3)


def test_the_shares_of_control_are_whole_people() -> None:
    """LE-110: of 245 people 7 improved and 4 declined, 4.5 % either way."""
    improved, declined = PAPER["reliable_change"]["by_condition"]["control"]
    assert (round(7 / 245, 3), round(4 / 245, 3)) == (improved, declined)
    assert round(11 / 245, 3) == pytest.approx(improved + declined)


@pytest.mark.parametrize("model", ["baseline", "change"])
def test_the_stars_of_the_demographic_models_follow(model: str) -> None:
    """LE-111, LE-112: no stars on any product."""
    for term, (estimate, se) in PAPER["demographics"][model].items():
        assert DEMOGRAPHIC_STARS[model].get(term, "") in allowed_stars(estimate, se), term


def test_forty_years_are_a_quarter_of_an_sd() -> None:
    """LE-111: .0058 x 40 = .232, and the printed p of age and sex are within what rounding allows."""
    assert pytest.approx(0.232) == 0.0058 * 40
    assert round(0.0058, 3) == -PAPER["demographics"]["baseline"]["age"][0]
    for term, p in (("age", 0.006), ("female", 0.002)):
        low, high = p_between(*PAPER["demographics"]["baseline"][term], digits=3)
        assert low - 5e-4 <= p <= high + 5e-4


def test_repeated_messages_are_the_rest_of_the_unique_ones() -> None:
    """LE-116: 421 of 16,975 are 2.48 %, the rest 97.5 %; the corpus has as many supporter messages."""
    found = PAPER["duplicates"]
    assert found["messages"] == PAPER["corpus"]["supporter_messages"]
    assert found["repeated"] / found["messages"] == pytest.approx(0.0248, abs=5e-5)
    assert round(1 - found["repeated"] / found["messages"], 3) == found["unique_share"]


def logistic_rows() -> Iterator[tuple[str, Sequence[float | str]]]:
    """All 34 printed rows of Supplementary Tables 9 to 12."""
    preferences = PAPER["preferences"]
    for outcome in ("higher", "match"):
        for term, row in preferences[outcome].items():
            yield f"{outcome}:{term}", row
        for term, row in preferences["components"][outcome].items():
            yield f"{outcome}:components:{term}", row


@pytest.mark.parametrize(("name", "row"), list(logistic_rows()))
def test_rows_of_the_logistic_models_follow_from_estimate_and_error(name: str, row: Sequence[float | str]) -> None:
    """LE-155 to LE-158: z = b / se, the normal p, and b -+ 1.96 se, to the printed digits."""
    estimate, se, z, p, low, high = row
    assert isinstance(estimate, float) and isinstance(se, float) and isinstance(z, float)
    half = 0.5e-4
    assert abs(z - estimate / se) <= (half + abs(z) * half) / se + half
    assert [low, high] == pytest.approx([estimate - 1.96 * se, estimate + 1.96 * se], abs=3.1 * half)
    if isinstance(p, str):
        assert 2 * norm.sf(abs(z)) < 0.001
    else:
        assert 2 * norm.sf(abs(z)) == pytest.approx(p, abs=1.5e-4)


def test_no_component_is_significant() -> None:
    """LE-157, LE-158: neither of the two models has a star on one of the six."""
    for outcome in ("higher", "match"):
        for dimension in DIMENSIONS:
            assert PAPER["preferences"]["components"][outcome][str(dimension)][3] > 0.05


@pytest.mark.parametrize(
    ("outcome", "ratio", "low", "high"), [("higher", 1.155, 1.11, 1.20), ("match", 1.11, 1.08, 1.14)]
)
def test_odds_ratios_are_exponentials(outcome: str, ratio: float, low: float, high: float) -> None:
    """C-10: the appendix's ratios and intervals follow from the printed coefficient, to its own rounding."""
    estimate, _, _, _, ci_low, ci_high = PAPER["preferences"][outcome]["difference"]
    found = [math.exp(value) for value in (estimate, ci_low, ci_high)]
    assert found == pytest.approx([ratio, low, high], abs=5.1e-3)


def test_the_interval_of_the_main_text_is_not_that_of_the_model() -> None:
    """C-10: [1.12, 1.19] cannot come from .1438 with the printed error."""
    *_, ci_low, ci_high = PAPER["preferences"]["higher"]["difference"]
    assert math.exp(ci_low) < 1.12 - 5e-3
    assert math.exp(ci_high) > 1.19 + 5e-3


def test_odds_ratios_of_the_sensitivity_models_are_exponentials() -> None:
    """LE-162."""
    assert math.exp(0.146) == pytest.approx(1.157, abs=5e-4)
    assert math.exp(0.154) == pytest.approx(1.1665, abs=5e-5)


def test_predicted_rates_are_those_of_the_printed_model() -> None:
    """LE-159: .514, .653 and .794 at 1, 5 and 10 points in the reference scenario."""
    higher = PAPER["preferences"]["higher"]
    for points, (model, _) in PAPER["preferences"]["at"].items():
        found = expit(higher["intercept"][0] + float(points) * higher["difference"][0])
        assert round(float(found), 2) == model


def test_the_printed_model_does_not_give_two_thirds() -> None:
    """C-9: 2.9 points mean 58 % in the reference scenario and 62 % at the mean of the five."""
    higher = PAPER["preferences"]["higher"]
    at = higher["intercept"][0] + 2.909 * higher["difference"][0]
    scenarios = sum(higher[name][0] for name in ("loss", "cancer", "promotion", "undervalued")) / 5
    assert round(float(expit(at)), 2) == 0.58
    assert round(float(expit(at + scenarios)), 2) == 0.62
    assert float(expit(at + scenarios)) < PAPER["preferences"]["gain"]


def test_the_raters_add_up() -> None:
    """LE-152, LE-153: 183 less the 33 extra of one sequence are 150, with ten trials each."""
    flow = PAPER["preferences"]["flow"]
    assert flow["raters"] - 33 == flow["analysed"]
    assert flow["analysed"] * 10 == flow["trials"]
