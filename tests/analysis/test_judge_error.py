"""Intervals that carry the judge's error hold the truth as often as they say, where the judge's own do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from simulate import World, simulate, write

from analysis import effects, load, scored_conversations
from analysis.columns import CONDITIONS, TREATMENTS
from analysis.conclusions import Verdict, conclusions, verdict
from analysis.effects import effect
from analysis.judge_error.corrected import JudgeError, by_people, judge_error, pooled
from analysis.judge_error.influence import influence
from analysis.robustness.models import other_models

PEOPLE = 160
GAIN = 0.5


def conversations(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Three conversations of each person, and the score that people would give: coaching adds `GAIN`."""
    who = np.repeat(np.arange(PEOPLE), 3)
    rows = pd.DataFrame(
        {
            "conversation_id": [f"c{i}" for i in range(len(who))],
            "participant_id": who,
            "condition": np.array(CONDITIONS)[who % 4],
            "post": np.tile([0.0, 1.0, 1.0], PEOPLE),
        }
    )
    coached = (rows["condition"] == "ai_coach") & (rows["post"] == 1)
    return rows, (3 + GAIN * coached + rng.normal(0, 0.7, PEOPLE)[who] + rng.normal(0, 0.5, len(who))).to_numpy()


def by_id(rows: pd.DataFrame, scores: np.ndarray) -> pd.Series:
    return pd.Series(scores, index=rows["conversation_id"])


def test_the_parts_of_participants_make_up_the_clustered_error() -> None:
    """Estimates are those of the preregistered model, and sums of squares their variances, with scores missing."""
    rows, scores = conversations(np.random.default_rng(1))
    rows["score"] = scores
    rows.loc[rows.index[::7], "score"] = np.nan
    fit, known = effect(rows, "score"), rows[rows["score"].notna()]

    found = influence(known, known["score"])

    for at, treatment in enumerate(TREATMENTS):
        term = fit[f"{treatment}:post"]
        assert found.estimates[at] == pytest.approx(term.estimate, abs=1e-10)
        assert np.sqrt((found.by_person[treatment] ** 2).sum()) == pytest.approx(term.se, rel=1e-10)
        assert found.weights[:, at] @ known["score"] == pytest.approx(term.estimate, abs=1e-10)


def simulated_ratings(studies: int) -> Iterator[tuple[JudgeError, float]]:
    """Studies whose judge sees only half of the coach's effect, with people rating a random 40 % of conversations."""
    for seed in range(studies):
        rng = np.random.default_rng([11, seed])
        rows, true = conversations(rng)
        coached = ((rows["condition"] == "ai_coach") & (rows["post"] == 1)).to_numpy()
        rows["score"] = true - GAIN / 2 * coached + rng.normal(0, 0.3, len(rows))
        rated = true + rng.normal(0, 0.2, len(rows))
        part = rng.permutation(len(rows))[: int(0.4 * len(rows))]
        naive = effect(rows, "score")["ai_coach:post"]
        found = by_people(rows, by_id(rows, rows["score"].to_numpy()), by_id(rows, rated).iloc[part])["ai_coach"]
        yield JudgeError(naive=naive, repeats=None, pooled=None, by_people=found), GAIN


def test_people_correct_a_judge_who_does_not_see_all() -> None:
    """Over 80 studies the corrected interval holds the truth in about 95 %, the judge's own in far fewer, and it is
    shorter than that of the rated part alone."""
    covered, fooled, shorter = [], [], []
    for one, truth in simulated_ratings(80):
        assert one.by_people is not None
        corrected, alone = one.by_people.corrected, one.by_people.alone
        covered.append(corrected.ci_low <= truth <= corrected.ci_high)  # type: ignore[operator]
        fooled.append(one.naive.ci_low <= truth <= one.naive.ci_high)  # type: ignore[operator]
        shorter.append(corrected.se / alone.se)  # type: ignore[operator]

    assert 0.88 <= np.mean(covered) <= 0.995
    assert np.mean(fooled) < 0.8
    assert np.mean(shorter) < 0.9


def judged(rng: np.random.Generator, *, judges: int, sd_between: float) -> list[tuple[float, pd.Series]]:
    """(estimate, its parts by person) of a difference of two means of 100 people each, for several judges of all."""
    parts = []
    people = rng.normal(0, 1, (2, 100))
    for _ in range(judges):
        scores = people + rng.normal(0, 0.4, (2, 100))
        scores[1] += GAIN + rng.normal(0, sd_between)
        means = scores.mean(axis=1)
        by_person = (scores - means[:, None]) / 100 * np.array([[-1.0], [1.0]])
        parts.append((float(means[1] - means[0]), pd.Series(by_person.ravel())))
    return parts


@pytest.mark.parametrize("sd_between", [0.0, 0.25])
def test_several_judges_make_an_interval_for_judges_like_them(sd_between: float) -> None:
    """With four judges who differ, the pooled interval holds the truth in about 95 % of 400 studies; it does not fall
    short where judges agree, and one judge's own interval falls short where they differ."""
    rng = np.random.default_rng(5)
    covered, alone = [], []
    for _ in range(400):
        parts = judged(rng, judges=4, sd_between=sd_between)
        found = pooled([estimate for estimate, _ in parts], [by_person for _, by_person in parts])
        assert found is not None
        covered.append(found.ci_low <= GAIN <= found.ci_high)
        reach = 1.96 * float(np.sqrt((parts[0][1] ** 2).sum()))
        alone.append(abs(parts[0][0] - GAIN) <= reach)

    assert 0.92 <= np.mean(covered) <= 0.985
    assert sd_between == 0 or np.mean(alone) < 0.85


def test_one_judge_or_too_few_rated_people_correct_nothing() -> None:
    """What cannot be estimated is absent, not guessed."""
    rows, scores = conversations(np.random.default_rng(1))

    assert pooled([0.3], [pd.Series([0.1, -0.1])]) is None
    few = by_people(rows, by_id(rows, scores), by_id(rows, scores).iloc[:60])
    assert few == dict.fromkeys(TREATMENTS)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study judged three times over by one model, once by another that saw no effect, and in part by two people."""
    tables = simulate(World(participants=200, repeats=3))
    scores = simulate(World(participants=200, effects=dict.fromkeys(World().effects, (0, 0, 0))))["scores"]
    other = scores.assign(model="openai:other", rubric_version="2")
    first = tables["scores"][tables["scores"]["repeat"] == "1"]
    ids = first["conversation_id"].drop_duplicates().sample(300, random_state=1)
    rated = first[first["conversation_id"].isin(ids)]
    people = [rated.assign(model=f"human:{name}") for name in ("ann", "ben")]
    tables["scores"] = pd.concat([tables["scores"], other, *people])
    return write(tables, tmp_path_factory.mktemp("judged") / "dataset")


def test_repeats_tell_the_noise_that_they_were_made_with(study: Path) -> None:
    """Three ratings with an SD of .8 before rounding: noise of that size, and effects over an SD without it."""
    found = load(study)
    scored = scored_conversations(found.scores, found.conversations, found.participants, judge_model="openai:gpt-4o")
    fits = effects(scored.conversations)

    one = judge_error(found.scores, scored, fits)["validating_emotions"]["combined"]

    assert one.repeats is not None and one.pooled is not None and one.by_people is not None
    assert one.repeats.sd == pytest.approx(0.75, abs=0.1)
    # All that differs between the rounds of a person is noise here, so endless repeats would take nearly all error.
    assert one.repeats.share_of_variance is not None and one.repeats.share_of_variance > 0.8
    assert abs(one.repeats.standardised or 0) > abs(one.naive.standardised or 0)
    assert one.pooled.judges == 2
    assert one.by_people.conversations == 300


def test_the_sheet_names_what_flips(study: Path) -> None:
    """A judge who sees nothing turns the clear effects over; the other models do not."""
    found = load(study)
    scored = scored_conversations(found.scores, found.conversations, found.participants, judge_model="openai:gpt-4o")
    fits = effects(scored.conversations)
    models = other_models(scored.conversations)
    errors = judge_error(found.scores, scored, fits)

    sheet = conclusions(found.scores, scored, fits, models=models, judge_error=errors)

    row = next(one for one in sheet if (one.measure, one.treatment) == ("advice_giving", "combined"))
    assert len(sheet) == 21
    assert row.preregistered is Verdict.LOWERED
    assert row.alternatives["judge openai:other"] is Verdict.UNDECIDED
    assert "judge openai:other" in row.flips
    assert row.alternatives["mixed model"] is row.alternatives["ordinal model"] is Verdict.LOWERED
    assert {"all judges", "people", "length model", "high scores", "ranks"} <= set(row.alternatives)


def test_a_verdict_needs_a_p_below_one_in_twenty() -> None:
    """At .05 itself nothing is decided; without a p there is no verdict."""
    assert verdict(0.3, 0.049) is Verdict.RAISED
    assert verdict(-0.3, 0.049) is Verdict.LOWERED
    assert verdict(0.3, 0.05) is Verdict.UNDECIDED
    assert verdict(0.3, None) is None
