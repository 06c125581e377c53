"""The role check: finds what leaves the role and leaves alone what people in trouble really say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.sentences import sentences
from personas.bank import load_bank
from personas.role_check import RoleBreak, check_sentence

BANK = load_bank()
REAL = Path(__file__).parents[3] / "shared" / "data" / "expert_rated.jsonl"
OUTSIDE_THE_STORY = {RoleBreak.CONTRADICTS_FACTS}
"""The real conversations were held with earlier stories, so that facts of ours do not bind them."""


@pytest.mark.parametrize(
    "sentence",
    [
        "You should have seen her face.",
        "You could hear a pin drop in there.",
        "My role was cut just like that.",
        "I've been pretending that everything is fine.",
        "I'm twenty minutes late wherever I go.",
        "I'm 100 percent sure that they knew.",
        "I feel like a machine.",
        "I don't know how I can help my team now.",
        "Thanks for asking me that.",
        "How can anybody say that?",
        "I'm forty-six and I feel sixteen.",
        "As a marketing specialist I ought to know how to sell myself.",
        "I live in Chicago, where it rains.",
        "The AI tools are taking over everybody's work.",
        "Remember when I told you about it?",
    ],
)
def test_what_seekers_say_is_let_through(sentence: str) -> None:
    """Words that look like advice, help or a program in other mouths are the seeker's own here."""
    assert check_sentence(sentence, persona=BANK["promotion"]) == ()


def test_another_kind_of_cancer_contradicts_the_facts() -> None:
    """Each persona's file names what would contradict it."""
    assert check_sentence("It's stage 4 now.", persona=BANK["cancer"]) == (RoleBreak.CONTRADICTS_FACTS,)
    assert check_sentence("My dad drove her there.", persona=BANK["cancer"]) == (RoleBreak.CONTRADICTS_FACTS,)


@dataclass(frozen=True)
class RealLine:
    """A sentence that a model's seeker said in a real conversation."""

    scenario: str
    sentence: str


def real_lines() -> list[RealLine]:
    """Every sentence of the seekers in the real transcripts."""
    rows = [json.loads(line) for line in REAL.read_text(encoding="utf-8").splitlines()]
    return [
        RealLine(row["scenario"], sentence)
        for row in rows
        for message in row["messages"]
        if message["role"] == "seeker"
        for sentence in sentences(message["text"])
    ]


@pytest.mark.shared
@pytest.mark.skipif(not REAL.exists(), reason="the real transcripts are not beside the project")
def test_no_false_alarm_in_real_conversations() -> None:
    """Of the several hundred sentences that real seekers said, fewer than one in a hundred is taken for a break."""
    lines = real_lines()
    alarms = [
        line
        for line in lines
        if set(check_sentence(line.sentence, persona=BANK.get(line.scenario, BANK["promotion"]))) - OUTSIDE_THE_STORY
    ]

    assert len(lines) > 400
    assert len(alarms) < len(lines) / 100, alarms
