"""The coaching framework is one versioned file that an expert can edit, and the examples keep its rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from coach.checks import Facts, text_violations
from coach.examples import Example, worked_examples
from coach.framework import coaching_framework, read_framework
from coach.moments import advice_was_given
from coach.phrases import phrases, read_phrases
from coach.quotes import quotes_in
from coach.sentence_count import printed_sentences
from core.dimensions import framework as dimensions
from core.errors import Unusable

SHIPPED = Path(__file__).resolve().parents[2] / "coach" / "framework.yaml"


def test_an_edited_file_reloads() -> None:
    """An expert edits wording and version without code, and the coach's prompt text changes (LE-67)."""
    text = (
        SHIPPED.read_text(encoding="utf-8")
        .replace('version: "1.0"', 'version: "1.1"')
        .replace("That must have stung.", "Ouch.")
    )

    edited = read_framework(text, file="mine.yaml")

    assert edited.version == "1.1"
    assert "Ouch." in edited.as_text()
    assert edited.references


def test_a_fault_is_named_by_file_and_line() -> None:
    """A key that nobody knows is refused with the file and the line it stands on."""
    text = SHIPPED.read_text(encoding="utf-8")
    line = text[: text.index("never_say:")].count("\n") + 1

    with pytest.raises(Unusable, match=f"mine.yaml:{line}: .*never_says"):
        read_framework(text.replace("never_say:", "never_says:"), file="mine.yaml")


def test_the_prompt_text_takes_the_dimensions_from_core() -> None:
    """The six definitions that judges use stand in the coach's prompt word for word (LE-47, LE-48)."""
    text = coaching_framework().as_text()

    assert all(definition.definition in text for definition in dimensions().definitions)


def test_the_dimensions_are_not_written_down_twice() -> None:
    """The framework's own file repeats none of the shared definitions."""
    own = " ".join(SHIPPED.read_text(encoding="utf-8").split())

    assert not any(definition.definition in own for definition in dimensions().definitions)


def test_the_seven_techniques_are_taught() -> None:
    """Every technique of LE-65 is a move with a definition, an example and a reason."""
    taught = {move.id for move in coaching_framework().moves}

    assert taught >= {
        "name_feeling",
        "mirror",
        "paraphrase",
        "open_question",
        "validate_first",
        "spot_criticism",
        "feeling_over_problem",
    }


def test_there_are_four_examples_on_the_topics_asked_for() -> None:
    """Promotion twice, job loss and emotional exhaustion once each (LE-50)."""
    assert [example.topic for example in worked_examples()] == [
        "promotion",
        "promotion",
        "job loss",
        "emotional exhaustion",
    ]


@pytest.mark.parametrize("example", worked_examples(), ids=lambda example: example.topic)
def test_examples_keep_the_rules_that_they_teach(example: Example) -> None:
    """Feedback of at most 5 sentences breaks no rule and quotes the supporter; an answer has at most 2 (C-1, C-2)."""
    facts = Facts(most_sentences=5, advice_was_given=advice_was_given(example.transcript))

    assert text_violations(example.feedback, facts=facts, framework=coaching_framework()) == ()
    assert quotes_in(example.feedback, example.transcript)
    assert len(printed_sentences(example.answer)) <= 2


def test_rules_phrases_hold_no_forbidden_words() -> None:
    """No sentence of the rules coach speaks of empathy or scolds."""
    everything = phrases().model_dump_json().lower()

    assert not [
        phrase
        for phrase in (*coaching_framework().never_say, *coaching_framework().scolding)
        if f" {phrase} " in everything
    ]


def test_phrases_without_a_needed_group_are_refused() -> None:
    """A file of phrases that lacks what the coach needs is refused by name."""
    with pytest.raises(Unusable, match=r"phrases\.yaml:1"):
        read_phrases("version: '1'\n", file="phrases.yaml")
