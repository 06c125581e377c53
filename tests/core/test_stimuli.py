"""What people judge: drawn from every tenth of a ranking, and dealt out so that nobody's share is like another's."""

from __future__ import annotations

from collections import Counter

import pytest

from core.sequences import pair_sequences, rating_sequences
from core.stimuli import JudgedScore, drawn_by_decile, mean_overall
from core.transcript import Transcript

SCENARIOS = ("job_loss", "promotion", "undervalued", "cancer", "loss")


def transcripts(per_scenario: int, *scenarios: str) -> list[Transcript]:
    """Conversations called `loss_0`, `loss_1`, …: the number is their rank."""
    return [Transcript(f"{scenario}_{n}", (), scenario) for scenario in scenarios for n in range(per_scenario)]


def rank(transcript_id: str) -> int:
    return int(transcript_id.rpartition("_")[2])


def test_three_are_drawn_from_each_tenth_of_every_scenario() -> None:
    """Of 80 conversations in each of five scenarios, 3 of the lowest eight, 3 of the next eight, and so on (LE-146)."""
    pool = transcripts(80, *SCENARIOS)
    ranks = {transcript.id: rank(transcript.id) for transcript in pool}

    drawn = drawn_by_decile(pool, ranks, per_decile=3, seed=42)

    assert len(drawn) == 150
    assert Counter((t.scenario, rank(t.id) // 8) for t in drawn) == {(s, d): 3 for s in SCENARIOS for d in range(10)}
    assert drawn == drawn_by_decile(pool, ranks, per_decile=3, seed=42)
    assert drawn != drawn_by_decile(pool, ranks, per_decile=3, seed=43)


def test_too_few_conversations_for_the_deciles_are_refused() -> None:
    """29 conversations have no three in each tenth."""
    pool = transcripts(29, "loss")
    with pytest.raises(ValueError, match="need 30 conversations of each scenario; loss has 29"):
        drawn_by_decile(pool, {t.id: 0 for t in pool}, per_decile=3, seed=1)


def test_the_paper_s_design_comes_out() -> None:
    """150 sequences of 10 pairs from 150 conversations (LE-147, LE-148)."""
    sequences = pair_sequences(transcripts(30, *SCENARIOS), sequences=150, trials=10, seed=42)
    trials = [trial for sequence in sequences for trial in sequence]

    assert len(sequences) == 150 and {len(sequence) for sequence in sequences} == {10}
    assert all(left.rpartition("_")[0] == right.rpartition("_")[0] for left, right in trials), "one scenario per pair"
    assert all(len({one for pair in sequence for one in pair}) == 20 for sequence in sequences), "nothing comes twice"
    assert max(Counter(map(frozenset, trials)).values()) == 1, "300 of 435 possible pairs: none needs to come twice"
    shown = Counter(one for pair in trials for one in pair)
    assert set(shown) == {t.id for t in transcripts(30, *SCENARIOS)}
    assert min(shown.values()) >= 18 and max(shown.values()) <= 22, "3,000 places for 150: twenty each, or nearly"
    on_the_left = sum(rank(left) > rank(right) for left, right in trials)
    assert 0.46 < on_the_left / len(trials) < 0.54, "the better one stands left in half of the pairs"


def test_every_scenario_comes_equally_often_within_a_sequence() -> None:
    """Ten pairs of five scenarios are two of each, in an order of their own."""
    sequences = pair_sequences(transcripts(6, *SCENARIOS), sequences=20, trials=10, seed=1)
    orders = {tuple(left.rpartition("_")[0] for left, _ in sequence) for sequence in sequences}

    assert all(set(Counter(order).values()) == {2} for order in orders)
    assert len(orders) > 10


def test_pairs_that_a_sequence_cannot_hold_are_refused() -> None:
    """Three pairs without a repetition need six conversations."""
    with pytest.raises(ValueError, match="3 pairs need 6 conversations of each scenario; loss has 5"):
        pair_sequences(transcripts(5, "loss"), sequences=1, trials=3, seed=1)


@pytest.mark.parametrize(("raters", "trials", "queues"), [(3, 12, 3), (3, 6, 6), (2, 8, 3), (1, 4, 3), (5, 10, 6)])
def test_queues_give_each_conversation_its_raters(raters: int, trials: int, queues: int) -> None:
    """Every conversation stands in as many queues as it has raters, and in none of them twice."""
    pool = transcripts(12, "loss")
    dealt = rating_sequences(pool, raters_per_transcript=raters, trials=trials, seed=5)

    assert [len(queue) for queue in dealt] == [trials] * queues
    assert all(len(set(queue)) == trials for queue in dealt)
    assert Counter(one for queue in dealt for (one,) in queue) == {t.id: raters for t in pool}


@pytest.mark.parametrize(
    ("raters", "trials", "message"),
    [(3, 13, "cannot read 13 conversations: there are 12"), (3, 7, "cannot be dealt out in queues of 7")],
)
def test_queues_that_do_not_come_out_even_are_refused(raters: int, trials: int, message: str) -> None:
    """36 ratings are no whole number of queues of seven."""
    with pytest.raises(ValueError, match=message):
        rating_sequences(transcripts(12, "loss"), raters_per_transcript=raters, trials=trials, seed=1)


def test_the_rank_is_the_mean_overall_score_of_whole_judgements() -> None:
    """Repeats 3+3+3-1-1-1 = 6 and 5+5+5-1-1-1 = 12 make 9; a judgement with a missing dimension counts for nothing."""
    whole = [_score("a", 1, 3), _score("a", 2, 5), _score("b", 1, None)]
    assert mean_overall([score for scores in whole for score in scores]) == {"a": 9.0}


def _score(transcript_id: str, repeat: int, good: int | None) -> list[JudgedScore]:
    given = {"encouraging_elaboration": good, "validating_emotions": good, "demonstrating_understanding": good}
    given |= dict.fromkeys(("advice_giving", "self_oriented", "dismissing_emotions"), 1)
    return [
        JudgedScore(
            transcript_id=transcript_id,
            judge="empathy",
            model="rules:1",
            rubric_version="1",
            repeat=repeat,
            dimension=dimension,
            score=score,
            failure=None if score else "refused",
        )
        for dimension, score in given.items()
    ]
