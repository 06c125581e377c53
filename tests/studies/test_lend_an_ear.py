"""The shipped study is what the paper's experiment 1 was: the steps, their order, the questions and their ids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.itinerary import Step, itinerary
from core.located import LocatedYaml
from core.study import Rounds, Study, SurveyStep, VideoStep, Withdrawal
from core.survey import Item, ItemKind, Survey

FOLDER = Path(__file__).parents[2] / "studies" / "lend_an_ear"
MAIN_STUDY = re.compile(
    r"(page )+(survey )+conversation survey ((video )*(coach )?)conversation survey \3conversation survey"
    r" (survey )+(page )*end"
)
"""The kinds of steps, in order, that a participant of the main study walks through (LE-1, LE-19 to LE-25)."""
CONDITIONS = ("control", "video", "ai_coach", "combined")
FEEDBACK = {"control": [], "video": ["video"], "ai_coach": ["coach"], "combined": ["video", "coach"]}
CONTRACT = {
    "jordan": [f"jordan_{number}" for number in range(1, 8)],
    "sites": ["sites"],
    "self_assessment": ["empathized", "understanding", "elaboration", "desire_to_help"],
}
"""Instruments whose items are fixed, in order."""


@pytest.fixture(scope="module")
def study() -> Study:
    return LocatedYaml((FOLDER / "study.yaml").read_text(encoding="utf-8"), file="study.yaml").read_as(Study)


def survey(file: str) -> Survey:
    return LocatedYaml((FOLDER / file).read_text(encoding="utf-8"), file=file).read_as(Survey)


def walk(study: Study, condition: str) -> tuple[Step, ...]:
    return itinerary(study, condition=condition, scenario_order=study.scenarios[: study.rounds])


def asked(study: Study, condition: str) -> list[Item]:
    """Every question that somebody of this condition is asked, those of rounds once."""
    files = dict.fromkeys(s.definition.file for s in walk(study, condition) if isinstance(s.definition, SurveyStep))
    return [item for file in files for item in survey(file).items]


def item(study: Study, item_id: str) -> Item:
    return next(item for item in asked(study, "combined") if item.id == item_id)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_steps_come_in_the_order_of_the_experiment(study: Study, condition: str) -> None:
    """Consent, instructions, baseline, three rounds with what the condition brings between them, final, debriefing."""
    kinds = " ".join(step.kind for step in walk(study, condition))

    assert MAIN_STUDY.fullmatch(kinds), kinds


@pytest.mark.parametrize("condition", CONDITIONS)
def test_feedback_comes_after_rounds_one_and_two(study: Study, condition: str) -> None:
    """Each condition gets its feedback twice, lessons before coach, and none after round three (LE-19 to LE-23)."""
    between = [(step.round, step.kind) for step in walk(study, condition) if step.kind in ("video", "coach")]

    assert between == [(round_, kind) for round_ in (1, 2) for kind in FEEDBACK[condition]]


def test_consent_precedes_everything(study: Study) -> None:
    """The first page asks for consent, and nothing else is known before it is given (LE-2)."""
    first = itinerary(study, condition=None, scenario_order=())

    assert [step.id for step in first] == ["consent"]


def test_rules_are_those_of_the_experiment(study: Study) -> None:
    """Four conditions in blocks of eight, five scenarios, three rounds of 240 s, idle at 60 s, erased on withdrawal."""
    assert study.conditions == CONDITIONS
    assert study.scenarios == ("job_loss", "promotion", "undervalued", "cancer", "loss")
    assert study.rounds == 3
    assert study.allocation.block_sizes == (8,)
    assert (study.conversation.limit_s, study.conversation.idle_s) == (240, 60)
    assert (study.coach.feedback_sentences, study.coach.answer_sentences, study.coach.min_questions) == (5, 2, 1)
    assert study.on_withdrawal is Withdrawal.ERASE
    assert study.time_factors == (1, 1.5, 2)
    assert study.show_results


def test_every_named_file_is_there(study: Study) -> None:
    """Each file that study.yaml names lies in the folder, and no page or survey lies there unused."""
    steps = study.definitions
    named = {step.file for step in steps if hasattr(step, "file")}
    videos = [video for step in steps if isinstance(step, VideoStep) for video in step.videos]
    named |= {file for video in videos for file in (video.file, video.captions, video.transcript) if file}

    assert [file for file in sorted(named) if not (FOLDER / file).is_file()] == []
    found = {f"{path.parent.name}/{path.name}" for kind in ("pages", "surveys") for path in (FOLDER / kind).iterdir()}
    assert found <= named


@pytest.mark.parametrize("instrument", CONTRACT)
def test_instruments_have_exactly_their_items(study: Study, instrument: str) -> None:
    """The ids that the analysis reads are all asked of everybody, on five-point scales that count from 1."""
    for condition in CONDITIONS:
        items = [item for item in asked(study, condition) if item.instrument == instrument]

        assert [item.id for item in items] == CONTRACT[instrument]
        assert all(item.paraphrase and item.required for item in items)
        assert all([option.value for option in item.options] == [1, 2, 3, 4, 5] for item in items)


def test_self_assessment_follows_every_conversation(study: Study) -> None:
    """The step after each conversation is its self-assessment (LE-18)."""
    steps = walk(study, "combined")
    after = [steps[at + 1].id for at, step in enumerate(steps) if step.kind == "conversation"]

    assert after == ["self_assessment_1", "self_assessment_2", "self_assessment_3"]


def test_self_assessment_is_labelled_as_in_the_paper(study: Study) -> None:
    """From not at all to very much (LE-75)."""
    labels = [option.label.lower() for option in item(study, "empathized").options]

    assert (labels[0], labels[-1]) == ("not at all", "very much")


def test_demographics_have_the_values_of_the_dataset(study: Study) -> None:
    """Adults only; sex as the dataset's column has it; ethnicity in the paper's five groups, or kept back (LE-29)."""
    age = item(study, "age")
    assert (age.kind, age.minimum, age.maximum) == (ItemKind.NUMBER, 18, 120)
    assert [option.value for option in item(study, "sex").options] == ["female", "male", "other"]
    assert [option.value for option in item(study, "ethnicity").options] == [
        "white",
        "black",
        "mixed",
        "asian",
        "other",
        "prefer_not_to_say",
    ]


def test_final_survey_checks_realism_and_assistance(study: Study) -> None:
    """Everybody rates how real the troubles seemed (LE-45) and says whether they had help of a model (LE-26)."""
    for condition in CONDITIONS:
        ids = [item.id for item in asked(study, condition) if item.instrument == "final"]
        assert {"realism", "ai_assistance", "experience"} <= set(ids)
    assert [o.label.lower() for o in item(study, "realism").options] == [
        "not at all",
        "slightly",
        "somewhat",
        "quite a bit",
        "very much",
    ]
    assert {option.value for option in item(study, "ai_assistance").options} == {"yes", "no"}
    assert item(study, "ai_assistance").required


def test_only_treated_people_rate_what_they_got(study: Study) -> None:
    """Control is asked nothing about an intervention; the others about theirs, and all about the whole (LE-25)."""
    rated = {
        condition: {item.id.split("_")[0] for item in asked(study, condition) if item.instrument == "intervention"}
        for condition in CONDITIONS
    }

    assert rated["control"] == set()
    assert "lessons" in rated["video"] and "coach" not in rated["video"]
    assert "coach" in rated["ai_coach"] and "lessons" not in rated["ai_coach"]
    assert rated["combined"] == rated["video"] | rated["ai_coach"]
    assert "usefulness" in rated["video"] & rated["ai_coach"]


def test_no_question_is_asked_under_another_ones_id(study: Study) -> None:
    """Within an instrument an id names one question, whichever survey it stands in."""
    names = [(item.instrument, item.id) for item in asked(study, "combined")]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "words",
    [
        "20 minutes",
        "losing a job",
        "passed over",
        "cancer",
        "death of a parent",
        "language model",
        "another company",
        "voluntary",
        "stop at any moment",
        "withdraw",
        "erased",
        "18 or older",
        "turn to the person",
        "help",
    ],
)
def test_consent_names_what_people_must_know(words: str) -> None:
    """Length, painful topics, who reads along, what withdrawing does, whom to ask, and who may take part."""
    assert words in (FOLDER / "pages" / "consent.md").read_text(encoding="utf-8").lower().replace("*", "")


@pytest.mark.parametrize(
    "words", ["supporter", "{limit_min} minutes", "first message", "out of sight", "{idle_s} seconds", "send a"]
)
def test_instructions_explain_part_and_clock(words: str) -> None:
    """The supporter's part, and the rules of the clock in plain words (LE-3, LE-8 to LE-11)."""
    assert words in (FOLDER / "pages" / "instructions.md").read_text(encoding="utf-8").lower().replace("*", "")


def test_no_text_states_a_length_of_its_own() -> None:
    """Numbers of the study stand in its pages as fields, so that a copy with another clock tells the truth."""
    texts = [path.read_text(encoding="utf-8").lower() for path in sorted((FOLDER / "pages").iterdir())]

    assert not re.search(
        r"(four|\d) minutes|a minute|three (written )?conversations", " ".join(texts).replace("20 ", "")
    )


def test_help_lines_can_be_reached(study: Study) -> None:
    """Lines for the world, the US and the British Isles, each with a way to reach it; addresses are encrypted ones."""
    told = " ".join(f"{line.name} {line.how} {line.url} {line.where}" for line in study.help_lines)

    for needed in ("findahelpline.com", "988", "116 123", "112", "911"):
        assert needed in told
    assert all(line.url is None or line.url.startswith("https://") for line in study.help_lines)


def test_there_is_one_block_of_rounds(study: Study) -> None:
    """The rounds are one block, so that a copy changes their number in one place."""
    assert sum(isinstance(block, Rounds) for block in study.steps) == 1
