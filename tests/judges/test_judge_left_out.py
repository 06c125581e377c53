"""How the rules judge does where it was not fitted: steps set on 24 conversations, tried on the one left out.

`.venv/bin/python -m pytest -s tests/judges/test_judge_left_out.py` prints the figures that docs/judges.md shows.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.dimensions import DIMENSIONS
from judges.agree import Agreement, Compared
from judges.agree_source import read_reference
from judges.clauses import dissect
from judges.moves import find_moves, supporter_lines
from judges.pattern import WEIGHINGS, amount
from judges.source import read_transcripts

EXPERT_RATED = Path(__file__).parents[2] / ".." / "shared" / "data" / "expert_rated.jsonl"
Amounts = NDArray[np.float64]


def steps(amounts: Amounts, wanted: Amounts) -> list[float]:
    """The four steps that bring scores from 1 to 5 closest to `wanted` by least squares, found step by step."""
    seen = np.unique(amounts)
    cuts = [-np.inf, *((seen[1:] + seen[:-1]) / 2), np.inf]
    cost = {0: (0.0, [0])}
    for score in range(1, 6):
        following: dict[int, tuple[float, list[int]]] = {}
        for start, (so_far, path) in cost.items():
            for end in range(start, len(cuts)):
                within = (amounts >= cuts[start]) & (amounts < cuts[end])
                total = so_far + float(((wanted[within] - score) ** 2).sum())
                if end not in following or total < following[end][0]:
                    following[end] = (total, [*path, end])
        cost = following
    _, path = cost[len(cuts) - 1]
    return [float(cuts[place]) for place in path[1:5]]


def left_out_scores(amounts: Amounts, wanted: Amounts) -> list[float]:
    """The score of each conversation by steps that were set without it."""
    scores = []
    for place, held in enumerate(amounts):
        others = np.arange(len(amounts)) != place
        scores.append(1.0 + sum(held >= step for step in steps(amounts[others], wanted[others])))
    return scores


def test_steps_part_what_is_plainly_apart() -> None:
    """Five groups of amounts get the scores 1 to 5, and the steps lie between them, rising."""
    amounts = np.array([0.0, 0.1, 1.0, 1.1, 2.0, 2.1, 3.0, 3.1, 4.0, 4.1])
    found = steps(amounts, np.repeat([1.0, 2, 3, 4, 5], 2))

    assert found == pytest.approx([0.55, 1.55, 2.55, 3.55])
    assert all(low <= high for low, high in pairwise(found))


@pytest.mark.shared
def test_left_out_conversations_are_scored_better_than_the_crowd_scores_them() -> None:
    """The honest figure for conversations that were not in view, though the lexicon was written with all in view."""
    if not EXPERT_RATED.exists():
        pytest.skip("the expert-rated conversations lie beside the project and are not here")
    transcripts = list(read_transcripts(EXPERT_RATED))
    reference = read_reference(EXPERT_RATED)
    experts = [given for name, given in reference.items() if name.startswith("expert")]
    scores: dict[str, dict[str, float]] = {}
    for dimension in DIMENSIONS:
        amounts, wanted = [], []
        for transcript in transcripts:
            lines = supporter_lines(transcript)
            sentences = dissect([line.text for line in lines])
            spoken = len({sentence.message for sentence in sentences})
            found = find_moves(sentences, lines)
            amounts.append(amount(found, weighing=WEIGHINGS[dimension], messages=spoken).total)
            wanted.append(np.mean([given[dimension][transcript.id] for given in experts]))
        given = left_out_scores(np.array(amounts), np.array(wanted))
        scores[dimension.value] = {t.id: score for t, score in zip(transcripts, given, strict=True)}

    agreement = Agreement(Compared("left out", scores, reference), draws=2)
    for figure in ("kappa_quadratic", "spearman"):
        ours, crowd = (
            [float(agreement.with_experts(rater, d)[figure][0]) for d in DIMENSIONS] for rater in ("left out", "crowd")
        )
        print(f"\n{figure}: {' '.join(f'{value:.2f}' for value in ours)}, mean {np.mean(ours):.2f}")
        assert np.mean(ours) > np.mean(crowd) + 0.15
        assert sum(a > b for a, b in zip(ours, crowd, strict=True)) >= 4
