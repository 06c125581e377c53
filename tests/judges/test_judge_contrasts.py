"""The rules judge on lines that look alike and are not, and on lines as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from core.dimensions import DIMENSIONS, Dimension
from core.transcript import Role
from judges.clauses import dissect
from judges.moves import find_moves, supporter_lines
from judges.pattern import WEIGHINGS, amount
from judges.rules import judged_by_rules
from tests.judges.conversations import conversation

STORY = (
    "I lost my dad and my job, my boss passed me over for the promotion I worked so hard for, and they never noticed "
    "what I do at the company. I feel hurt, betrayed, worried about the bills, and nobody at home gets it. I loved him "
    "very much and do not know what comes next. I hoped they would finally see me."
)
HERE = Path(__file__).parent
CONTRASTS = [
    (Dimension(name), *pair)
    for name, pairs in yaml.safe_load((HERE / "contrasts.yaml").read_text(encoding="utf-8")).items()
    for pair in pairs
]
SAID = yaml.safe_load((HERE / "said.yaml").read_text(encoding="utf-8"))
SEEN = 0.3
"""A sentence of this weight counts as holding the dimension."""


def held(text: str) -> dict[Dimension, float]:
    """How much the weightiest sentence of one line holds of each dimension."""
    transcript = conversation(text, opener=STORY)
    found = find_moves(dissect(transcript.of(Role.SUPPORTER)), supporter_lines(transcript))
    return {d: amount(found, weighing=WEIGHINGS[d], messages=1).heaviest for d in DIMENSIONS}


@pytest.mark.parametrize(("dimension", "more", "less"), CONTRASTS, ids=[pair[1] for pair in CONTRASTS])
def test_of_two_lines_that_look_alike_the_right_one_holds_more(dimension: Dimension, more: str, less: str) -> None:
    """Negation, reported speech, tense and person decide, and not the words by themselves."""
    assert held(more)[dimension] > held(less)[dimension] + 0.1


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_nineteen_of_twenty_plain_lines_are_recognised(dimension: Dimension) -> None:
    missed = [line for line in SAID[dimension.value] if held(line)[dimension] < SEEN]

    assert len(missed) <= len(SAID[dimension.value]) / 20, missed


def test_small_talk_holds_nothing() -> None:
    """Of two dozen empty lines three at most are taken for something."""
    taken = [line for line in SAID["none"] if max(held(line).values()) >= SEEN]

    assert len(taken) <= 3, taken


@pytest.mark.parametrize(
    "way_of_writing",
    [
        "Thta soudns relaly hrad. Waht hapepned? How did yuo feel?",
        "Ｔｈａｔ　ｓｏｕｎｄｓ　ｒｅａｌｌｙ　ｈａｒｄ．　Ｗｈａｔ　ｈａｐｐｅｎｅｄ？ How did you feel？",
        "That sounds real\u200bly ha\u200brd\u2026 What happened? 💔 How did you fe\u00adel?",
        "THAT SOUNDS REALLY HARD!!! WHAT HAPPENED??? HOW DID YOU FEEL???",
        "that  sounds\treally hard . what happened ? how did you feel ?",
    ],
    ids=["misspelt", "full width", "hidden marks", "shouted", "spaced"],
)
def test_the_way_of_writing_changes_no_score(way_of_writing: str) -> None:
    plain = judged_by_rules(conversation("That sounds really hard. What happened? How did you feel?"))
    other = judged_by_rules(conversation(way_of_writing))

    assert {d: found.score for d, found in other.items()} == {d: found.score for d, found in plain.items()}


def test_what_is_said_counts_the_same_in_a_long_conversation() -> None:
    """Ten thousand neutral words before it move no score by more than one point, and no dimension appears."""
    neutral = "The line was slow for a moment there. " * 1250
    short = judged_by_rules(conversation("You should sleep. Cheer up!", "I lost my job too."))
    long = judged_by_rules(conversation(neutral, "You should sleep. Cheer up!", "I lost my job too."))

    for dimension, found in short.items():
        score = long[dimension].score
        assert found.score is not None
        assert score is not None
        assert abs(found.score - score) <= 1
        assert (found.score > 1) == (score > 1)
