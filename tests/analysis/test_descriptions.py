"""The descriptive and secondary parts, each against numbers worked by hand or planted."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.demographics import demographics
from analysis.domains import domains
from analysis.duplicates import duplicates
from analysis.effects import TERMS
from analysis.engagement import engagement
from analysis.felt import correlation, self_report, trait_scores, traits
from analysis.gain import gains
from analysis.groups import age_group
from analysis.paper import printed_at
from analysis.randomisation import randomisation
from analysis.regression import Fit
from analysis.reliable_change import ConditionChange, ReliableChange
from analysis.report.wording import count, number, p_value, percent
from analysis.sample import counts, sample, summary
from analysis.trajectories import trajectories
from core.dimensions import DIMENSIONS


def test_turns_and_words_before_and_after_by_trouble() -> None:
    """Turns are messages of both sides: before (4 + 6) / 2 = 5, after (7 + 9 + 8) / 3 = 8."""
    rows = pd.DataFrame(
        {
            "participant_id": list("abbab"),
            "trouble_type": "personal",
            "post": [0.0, 0.0, 1.0, 1.0, 1.0],
            "supporter_messages": [2.0, 3, 3, 4, 4],
            "seeker_messages": [2.0, 3, 4, 5, 4],
            "supporter_words": [100.0, 200, np.nan, 150, 150],
        }
    )

    found = engagement(rows)["personal"]

    assert (found["turns"].before, found["turns"].after, found["turns"].difference) == (5, 8, pytest.approx(3))
    assert (found["words"].n_after, found["words"].after) == (2, 150)
    assert found["turns"].p is not None and found["turns"].p_welch is not None


def test_engagement_without_variance_has_no_test_and_no_warning() -> None:
    """One side that never varies is compared all the same; two of them are not."""
    rows = pd.DataFrame({"participant_id": list("abcd"), "trouble_type": "t", "post": [0.0, 0, 1, 1]})
    rows = rows.assign(supporter_messages=[2.0, 2, 3, 4], seeker_messages=1.0, supporter_words=[5.0, 5, 6, 6])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = engagement(rows)["t"]

    assert found["turns"].p_welch is not None
    assert found["words"].p_welch is None


def test_exact_repetitions_are_counted_among_supporters_only() -> None:
    """Four messages, two texts: two repeat another; what one person alone repeats is not shown."""
    talks = pd.DataFrame({"conversation_id": ["c", "d"], "participant_id": ["p", "q"]})
    said = [("c", "seeker", "Hi"), ("c", "supporter", "Sorry."), ("d", "supporter", "Sorry."), ("d", "seeker", "Hi")]
    said += [("c", "supporter", "My dog is called Bo."), ("c", "supporter", "My dog is called Bo.")]

    found = duplicates(talks, pd.DataFrame(said, columns=["conversation_id", "role", "text"]))

    assert (found.messages, found.unique, found.repeated, found.unique_share) == (4, 2, 2, 0.5)
    assert [(one.text, one.times) for one in found.most_repeated] == [("Sorry.", 2)]


def test_the_papers_share_of_repeated_messages() -> None:
    """421 of 16,975 are 2.48 %, so 97.5 % are unique (LE-116)."""
    printed = printed_at("duplicates")

    assert printed["repeated"] / printed["messages"] == pytest.approx(0.0248, abs=5e-5)
    assert 1 - printed["repeated"] / printed["messages"] == pytest.approx(printed["unique_share"], abs=5e-4)


def test_domains_are_in_sd_of_all_first_conversations() -> None:
    """Ratings 1, 3 and 3, 5: mean 3, SD sqrt(8 / 3); personal lies 1 point below, round 2 is left out."""
    rows = pd.DataFrame(
        {"round": [1.0, 1, 1, 1, 2], "trouble_type": ["personal"] * 2 + ["workplace"] * 2 + ["personal"]}
    )
    for dimension in DIMENSIONS:
        rows[dimension] = [1.0, 3, 3, 5, 5]

    found = domains(rows)

    assert found["personal"]["advice_giving"].mean == pytest.approx(-1 / (8 / 3) ** 0.5)
    assert found["workplace"]["advice_giving"].mean == pytest.approx(1 / (8 / 3) ** 0.5)


def test_demographic_slopes_are_recovered_in_sd() -> None:
    """Baseline falls .006 SD a year and is .2 SD higher in women: within three standard errors on 4,000 people."""
    rng = np.random.default_rng(3)
    n = 4000
    people = pd.DataFrame(
        {
            "participant_id": [f"p{i}" for i in range(n)],
            "condition": rng.choice(["control", "video", "ai_coach", "combined"], n),
            "age": rng.integers(18, 87, n).astype(float),
            "sex": rng.choice(["female", "male", "other", ""], n, p=[0.5, 0.48, 0.01, 0.01]),
        }
    )
    score = 4.1 * (-0.006 * people["age"] + 0.2 * (people["sex"] == "female") + rng.normal(0, 0.98, n))
    first = pd.DataFrame({"participant_id": people["participant_id"], "round": 1.0, "overall": score})
    change = people[["participant_id"]].assign(change=rng.normal(size=n) + (people["condition"] == "ai_coach"))

    found = demographics(people, change, first)

    assert found["baseline"].n == int(people["sex"].isin(["female", "male"]).sum())
    for name, planted in (("age", -0.006), ("female", 0.2)):
        term = found["baseline"][name]
        assert term.estimate is not None and term.se is not None
        assert abs(term.estimate - planted) < 3 * term.se
    assert len(found["change"].names) == 13
    coach = found["change"]["ai_coach"]
    assert coach.estimate is not None and coach.estimate > 0.5


def test_printed_age_slope_is_the_printed_difference() -> None:
    """.0058 a year over forty years is .232 SD, and .0058 is printed as .006 (LE-111)."""
    assert pytest.approx(0.232) == 0.0058 * 40
    assert round(-0.0058, 3) == printed_at("demographics", "baseline", "age")[0]


def answers(rows: list[tuple[str, float, str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["participant_id", "round", "instrument", "item", "value"])
    return frame.assign(answered_at=np.arange(len(frame), dtype=float))


def test_the_trait_scale_is_the_sum_of_all_seven_items() -> None:
    """1 to 5 on seven items make 7 to 35; who left one out has no score; the latest answer counts."""
    rows = [("a", np.nan, "jordan", f"jordan_{i}", "5") for i in range(1, 8)]
    rows += [("b", np.nan, "jordan", f"jordan_{i}", "1") for i in range(1, 7)]
    rows += [("c", np.nan, "jordan", f"jordan_{i}", "1") for i in range(1, 8)]
    rows += [("c", np.nan, "jordan", "jordan_1", "2")]

    jordan = trait_scores(answers(rows))["jordan"]

    assert jordan["a"] == 35
    assert np.isnan(jordan["b"])
    assert jordan["c"] == 8


def test_traits_are_correlated_with_mean_performance() -> None:
    """Single-item answers 1, 2, 3 against means 2, 1, 3: r = .5."""
    told = answers([(who, np.nan, "sites", "sites", value) for who, value in zip("abc", "123", strict=True)])
    judged = pd.DataFrame({"participant_id": list("aabc"), "overall": [1.0, 3.0, 1.0, 3.0]})

    found = traits(told, judged)["sites"]

    assert (found.n, found.r, found.r2) == (3, pytest.approx(0.5), pytest.approx(0.25))


def test_self_report_shares_and_levels() -> None:
    """Answers 4 and 5 are the top two; at person level the mean of the rounds decides."""
    told = answers(
        [
            (who, round_, "self_assessment", "elaboration", value)
            for who, values in (("a", "44"), ("b", "52"), ("c", "31"))
            for round_, value in zip((1.0, 2.0), values, strict=True)
        ]
    )
    judged = pd.DataFrame(
        {"participant_id": list("aabbcc"), "round": [1.0, 2.0] * 3, "encouraging_elaboration": [1.0, 4, 2, 5, 1, 2]}
    ).assign(overall=0.0, demonstrating_understanding=1.0)

    found = self_report(told, judged)["elaboration"]

    assert found["conversation"].n == 6
    assert found["conversation"].top_two_self == pytest.approx(3 / 6)
    assert found["conversation"].top_two_judge == pytest.approx(2 / 6)
    assert found["participant"].top_two_self == pytest.approx(1 / 3)
    assert found["first_conversation"].n == 3
    assert self_report(told, judged)["empathized"]["conversation"].n == 0


def test_a_correlation_with_what_never_varies_is_undefined() -> None:
    """No number is made up for it."""
    assert correlation(pd.Series([1.0, 2, 3]), pd.Series([2.0, 2, 2])).r is None


def test_the_gain_names_two_divisors() -> None:
    """2.909 points are .980 SD of change when that SD is 2.968 (LE-105)."""
    estimates = np.array([2.909 if name == "ai_coach:post" else 0.0 for name in TERMS])
    fit = Fit(TERMS, estimates, np.eye(len(TERMS)), n=1, clusters=1, sd=4.1)
    control = ConditionChange(1, None, None, None, None, None, sd_change=2.968)
    change = ReliableChange(None, None, None, None, None, by_condition={"control": control})

    found = gains(fit, change)["ai_coach"]

    assert found.in_sd_of_change == pytest.approx(0.980, abs=5e-4)
    assert found.in_sd_of_score == pytest.approx(2.909 / 4.1)


def test_printed_shares_of_the_sample_recompute() -> None:
    """LE-29: 501 of 968 are 51.8 %, 632 are 65.3 %, and every variable adds up to 968."""
    printed = printed_at("sample")

    assert percent(printed["sex"]["female"] / 968) == "51.8 %"
    assert percent(printed["ethnicity"]["white"] / 968) == "65.3 %"
    assert sum(printed["sex"].values()) == sum(printed["ethnicity"].values()) == 968
    assert printed_at("corpus", "conversations") == 968 * 3


def test_the_sample_is_described_without_who_gave_no_answer() -> None:
    """Twenty minutes at $12 an hour are $4.00 (LE-31); blanks are not a category."""
    found = sample(
        pd.DataFrame(
            {
                "age": [20.0, 40.0, np.nan],
                "sex": ["female", "", "male"],
                "ethnicity": ["White", "White", ""],
                "started_at": [0.0, 0.0, 0.0],
                "finished_at": [1200.0, 1200.0, 1200.0],
            }
        )
    )

    assert (found.age.n, found.age.mean, found.age.median) == (2, 30, 30)
    assert found.ethnicity == {"White": 2}
    assert found.mean_pay == pytest.approx(4.0)
    assert summary(pd.Series([np.nan])).mean is None
    assert counts(pd.Series(["b", "a", "c", "c"])) == {"c": 2, "a": 1, "b": 1}


def test_scenarios_are_counted_per_round() -> None:
    """Positions are rounds; a condition nobody has is 0."""
    people = pd.DataFrame({"participant_id": ["a", "b"], "condition": ["control", "video"]})
    talks = pd.DataFrame(
        {
            "participant_id": ["a", "a", "b", "x"],
            "scenario": ["loss", "cancer", "loss", "loss"],
            "round": [1.0, 2, 1, 1],
        }
    )

    found = randomisation(people, talks)

    assert found.by_condition == {"control": 1, "video": 1, "ai_coach": 0, "combined": 0}
    assert found.scenarios == {"cancer": {"1": 0, "2": 1}, "loss": {"1": 2, "2": 0}}
    assert found.p_equal == 1


def test_numbers_are_written_alike_everywhere() -> None:
    """A true minus, no negative zero, no leading zero in p, a dash for what is undefined."""
    assert number(-0.294, 2) == "−0.29"
    assert number(-0.0004, 2) == "0.00"
    assert number(None) == "–"
    assert (p_value(0.0004), p_value(0.0421), p_value(1.0)) == ("<.001", ".042", "1.000")
    assert count(33938) == "33\u202f938"


def test_age_groups_part_at_thirty_forty_five_and_sixty() -> None:
    """LE-172: each cut belongs to the older group; below 18 and without an age there is none."""
    ages = pd.Series([17, 18, 29, 30, 44, 45, 59, 60, 86, np.nan])

    assert list(age_group(ages)) == [
        "", "18–29", "18–29", "30–44", "30–44", "45–59", "45–59", "60+", "60+", "",
    ]  # fmt: skip


def one_coached_person() -> pd.DataFrame:
    """One person of `ai_coach`: three conversations, of which the first and the last are about work."""
    rows = pd.DataFrame(
        {
            "participant_id": "p",
            "condition": "ai_coach",
            "round": [1, 2, 3],
            "post": [0.0, 1, 1],
            "trouble_type": ["workplace", "personal", "workplace"],
            "supporter_messages": [4.0, 5, 6],
            "seeker_messages": [4.0, 6, 6],
            "supporter_words": [80.0, 95, 120],
        }
    )
    return rows.assign(**{str(dimension): [1.0, 2, 3] for dimension in DIMENSIONS})


def test_the_trajectory_of_one_coached_person() -> None:
    """Scores 1, 2, 3 have mean 2 and SD 1, so -1, 0 and 1; a round without a conversation of that kind is empty.

    Whoever was not coached, and a fourth round, move nothing (LE-114).
    """
    coached = one_coached_person()
    control = coached.assign(participant_id="q", condition="control", **{str(d): [5.0, 5, 1] for d in DIMENSIONS})
    fourth = coached.iloc[[2]].assign(round=4, **{str(d): 5.0 for d in DIMENSIONS})

    found = trajectories(pd.concat([coached, control, fourth], ignore_index=True))

    for dimension in map(str, DIMENSIONS):
        work, personal = found["workplace"][dimension], found["personal"][dimension]
        assert [work[r].mean for r in ("1", "2", "3")] == [pytest.approx(-1), None, pytest.approx(1)]
        assert [personal[r].mean for r in ("1", "2", "3")] == [None, pytest.approx(0), None]
        assert [(work[r].n, work[r].se) for r in ("1", "2", "3")] == [(1, None), (0, None), (1, None)]


def test_the_engagement_of_one_coached_person() -> None:
    """At work 8 turns and 80 words before, 12 and 120 after; about the rest only afterwards, 11 and 95.

    One person is no sample: there is a difference, and neither interval nor test (LE-115).
    """
    found = engagement(one_coached_person())

    turns, words = found["workplace"]["turns"], found["workplace"]["words"]
    assert (turns.n_before, turns.before, turns.n_after, turns.after) == (1, 8, 1, 12)
    assert (words.before, words.after) == (80, 120)
    assert [turns.difference, words.difference] == [pytest.approx(4), pytest.approx(40)]
    assert (turns.ci_low, turns.ci_high, turns.p, turns.p_welch) == (None, None, None, None)
    personal = found["personal"]
    assert (personal["turns"].before, personal["turns"].after, personal["words"].after) == (None, 11, 95)
    assert personal["turns"].difference is None
