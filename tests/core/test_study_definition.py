"""A study definition: what it must and must not say, and at which line a fault is told."""

from __future__ import annotations

from textwrap import dedent

import pytest

from analysis.plan import PlanFile
from core.located import Faults, LocatedYaml
from core.strict import Strict
from core.study import (
    AllocationRules,
    CoachRules,
    ComparisonStep,
    ConversationRules,
    RatingStep,
    ReplyTime,
    Reveal,
    Rounds,
    StimulusSource,
    Study,
    Video,
    Withdrawal,
)

SMALLEST = """\
title: Small
contact: a@example.org
conditions: [one, two]
scenarios: [loss, cancer]
allocation:
  block_sizes: [2, 4]
help_lines:
  - name: Line
    how: Call
completion:
  code: DONE
steps:
  - id: consent
    kind: page
    file: consent.md
    consent: true
  - rounds: 2
    steps:
      - id: conversation
        kind: conversation
      - id: lessons
        kind: video
        videos:
          - id: film
            title: Film
            url: https://example.org/film.mp4
            seconds: 57.5
  - id: end
    kind: end
    file: end.md
"""


def read(text: str = SMALLEST) -> Study:
    return LocatedYaml(dedent(text), file="study.yaml").read_as(Study)


def planted(*changes: tuple[str, str]) -> str:
    """The smallest study with each first text replaced by the second."""
    text = SMALLEST
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def told(text: str) -> list[tuple[int, str]]:
    with pytest.raises(Faults) as refused:
        read(text)
    return [(fault.line, fault.message) for fault in refused.value.faults]


def test_what_is_left_out_has_the_papers_values() -> None:
    """Four minutes, one minute, reply time counts, five and two sentences, one question (LE-8, LE-10, C-1, C-20)."""
    study = read()

    assert (study.conversation.limit_s, study.conversation.idle_s) == (240, 60)
    assert study.conversation.seeker_reply_time is ReplyTime.COUNTS
    assert study.conversation.reveal is Reveal.SENTENCES
    assert (study.coach.feedback_sentences, study.coach.answer_sentences, study.coach.min_questions) == (5, 2, 1)
    assert study.on_withdrawal is Withdrawal.ERASE
    assert study.time_factors == (1.0,)
    assert study.show_results is False
    assert study.allocation.seed is None


def test_definitions_are_flat_and_rounds_are_counted() -> None:
    """Every step definition once, in order."""
    study = read()

    assert [step.id for step in study.definitions] == ["consent", "conversation", "lessons", "end"]
    assert study.rounds == 2
    assert isinstance(study.steps[1], Rounds)


def test_a_study_never_changes() -> None:
    """It is what people consented to."""
    with pytest.raises(ValueError, match="frozen"):
        read().title = "Other"  # type: ignore[misc]


def test_a_study_comes_back_from_its_stored_form() -> None:
    """The version kept with the data is the version that was read."""
    study = read()

    assert Study.model_validate_json(study.model_dump_json()) == study


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("title: Small\n", "title: [Small]\n", 1, "`title` must be text"),
        ("contact: a@example.org\n", "", 1, "`contact` is missing"),
        ("title: Small\n", "title: Small\ncolour: red\n", 2, "`colour` is not known here"),
        ("conditions: [one, two]", "conditions: one", 3, "`conditions` must be a list"),
        ("conditions: [one, two]", "conditions: []", 3, "`conditions`: "),
        ("conditions: [one, two]", "conditions: [one, one]", 3, "`conditions`: one is named twice"),
        ("scenarios: [loss, cancer]", "scenarios: [loss, Big Loss]", 4, "`scenarios`: "),
        ("  block_sizes: [2, 4]", "  block_sizes: [2, four]", 6, "`block_sizes` must be a whole number"),
        ("  block_sizes: [2, 4]", "  block_sizes: []", 6, "`block_sizes`: "),
        ("  - name: Line\n", "  - name: Line\n    colour: red\n", 9, "`colour` is not known here"),
        ("  code: DONE\n", "  code: DONE\n  redirect: [x]\n", 12, "`redirect` must be text"),
        ("help_lines:\n  - name: Line\n    how: Call\n", "help_lines: []\n", 7, "`help_lines`: "),
        ("    file: consent.md\n", "", 13, "`file` is missing"),
        ("    consent: true\n", "    consent: perhaps\n", 16, "`consent` must be true or false"),
        ("    consent: true\n", "    consented: true\n", 16, "`consented` is not known here"),
        ("    kind: page\n", "    kind: pge\n", 13, "`kind` of a step must be page, survey"),
        ("    kind: page\n", "", 13, "a step needs a `kind`, such as page"),
        ("    kind: page\n", "    kind: [page]\n", 13, "`kind` of a step must be page, survey"),
        ("  - rounds: 2", "  - rounds: two", 17, "`rounds` must be a whole number"),
        ("  - rounds: 2", "  - rounds: 0", 17, "`rounds`: "),
        ("  - id: consent", "  - id: Consent!", 13, "`id`: "),
        ("        kind: conversation\n", "        kind: talk\n", 19, "`kind` of a step must be page, survey"),
        ("        kind: conversation\n", "        kind: conversation\n        file: x\n", 21, "`file` is not known"),
        ("            seconds: 57.5\n", "", 24, "`videos`: the video film at an address needs its length in `seconds`"),
        ("            url: https://example.org/film.mp4\n", "", 24, "`videos`: the video film needs either"),
        ("            seconds: 57.5\n", "            seconds: 57.5\n            file: a.mp4\n", 24, "`videos`: the"),
        ("            seconds: 57.5\n", "            seconds: -1\n", 27, "`seconds`: "),
        ("            title: Film\n", "", 24, "`title` is missing"),
    ],
)  # fmt: skip
def test_each_fault_is_told_at_its_line(old: str, new: str, line: int, message: str) -> None:
    """Nothing else is told, and it begins with what is wrong."""
    faults = told(planted((old, new)))

    assert [where for where, _ in faults] == [line]
    assert faults[0][1].startswith(message)
    assert "\n" not in faults[0][1]


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (ConversationRules, "idle_s"),
        (ConversationRules, "abandoned_after_days"),
        (CoachRules, "min_questions"),
        (AllocationRules, "seed"),
        (StimulusSource, "per_decile"),
        (StimulusSource, "seed"),
        (ComparisonStep, "abandoned_after_min"),
        (RatingStep, "abandoned_after_min"),
        (RatingStep, "adjudicate_from"),
        (Video, "seconds"),
        (PlanFile, "participants"),
        (PlanFile, "reliable_change_z"),
    ],
)
def test_number_that_no_study_can_mean_is_told(model: type[Strict], name: str) -> None:
    """A hand that rests on a key makes a waiting time of a million years; it stops at the file, with its line."""
    with pytest.raises(Faults) as refused:
        LocatedYaml(f"# mine\n{name}: 1{'0' * 30}\n", file="f.yaml").read_as(model)

    (fault,) = (fault for fault in refused.value.faults if f"`{name}`" in fault.message)
    assert fault.line == 2
    assert fault.message.startswith(f"`{name}`: input should be less than ")


def test_more_rounds_than_scenarios_is_told_at_the_scenarios() -> None:
    """Nobody meets a scenario twice, so each round needs one (LE-6)."""
    assert told(planted(("rounds: 2", "rounds: 3"))) == [
        (4, "`scenarios`: 3 rounds need as many scenarios; 2 are named")
    ]


@pytest.mark.parametrize(
    ("sizes", "line", "size"),
    [("[3]", 6, 3), ("[2, 0]", 6, 0), ("[-2]", 6, -2), ("\n    - 2\n    - 5\n    - 4", 8, 5)],
)
def test_block_that_cannot_balance_is_told_at_its_line(sizes: str, line: int, size: int) -> None:
    """Every size holds every condition equally often, or it is no block (LE-5)."""
    assert told(planted(("block_sizes: [2, 4]", f"block_sizes: {sizes}"))) == [
        (line, f"`block_sizes`: a block of {size} cannot hold 2 conditions equally often")
    ]


def test_default_block_that_cannot_balance_is_told() -> None:
    """Three conditions do not fit blocks of eight, also where nobody wrote eight."""
    text = planted(("allocation:\n  block_sizes: [2, 4]\n", ""), ("[one, two]", "[one, two, three]"))

    assert told(text) == [(1, "`block_sizes`: a block of 8 cannot hold 3 conditions equally often")]


def test_time_factors_include_plain_time() -> None:
    """Who needs no more time must not be made to take more."""
    ((line, message),) = told(planted(("title: Small\n", "title: Small\ntime_factors: [1.5, 2]\n")))

    assert line == 2
    assert message == "`time_factors`: the factor 1 must be among the time factors"


def test_all_faults_are_told_at_once() -> None:
    """In the order of lines, so that one reading mends the file."""
    text = planted(
        ("title: Small", "title: 3"),
        ("    how: Call\n", "    how: Call\n    hours: all\n"),
        ("kind: page", "kind: pge"),
        ("    file: end.md\n", ""),
        ("seconds: 57.5", "seconds: long"),
    )
    assert [line for line, _ in told(text)] == [1, 10, 14, 28, 29]


def test_scenarios_and_blocks_are_told_together() -> None:
    """What can only be seen when all is read is told at once as well."""
    text = planted(("rounds: 2", "rounds: 3"), ("block_sizes: [2, 4]", "block_sizes: [2, 3, 5]"))

    assert [line for line, _ in told(text)] == [4, 6, 6]
