"""The preregistration says what the analysis does, and comes from the file that the analysis reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from simulate import World, simulate, write

from analysis import load, scored_conversations, select
from analysis.deviations import deviations
from analysis.effects import TERMS
from analysis.plan import PlanFile, plan_in, read_plan
from analysis.preregistration.markdown import escaped
from analysis.preregistration.text import left_open, preregistration
from core.errors import Unusable
from core.located import LocatedYaml
from core.study import Study

HASH = "a" * 64
ROUNDS = "- rounds: {rounds}\n  steps:\n  - {{id: conversation, kind: conversation}}"
STUDY = """title: Listening
contact: me
conditions: [{conditions}]
scenarios: [job_loss, promotion, undervalued]
allocation: {{block_sizes: [12]}}
help_lines: [{{name: Help, how: Call 1}}]
completion: {{code: X}}
steps:
{steps}
"""


def study_file(*, conditions: str = "control, video, ai_coach, combined", rounds: int = 3, analysis: str = "") -> str:
    """A study.yaml with conversations and, where given, a section `analysis`."""
    text = STUDY.format(conditions=conditions, steps=ROUNDS.format(rounds=rounds))
    return f"{text}analysis: {analysis}\n" if analysis else text


def text_of(definition: str) -> str:
    """The preregistration of a study.yaml."""
    located = LocatedYaml(definition, file="study.yaml")
    study = located.read_as(Study)
    return preregistration(study, plan_in(located), slug="listening", study_hash=HASH, definition=definition)


def test_the_text_states_the_plan_that_is_fitted() -> None:
    """Hypotheses, exclusions, threshold and number of people come from the study's section `analysis`."""
    text = text_of(
        study_file(
            analysis="{name: ours, exclude: [incomplete], reliable_change_z: 1.645, participants: 400, "
            "hypotheses: [Coaching lowers advice.]}"
        )
    )

    assert "1. Coaching lowers advice." in text
    assert "1.645 · √" in text
    assert "400 analysed participants" in text
    assert "`finished_at` is empty" in text
    assert "`ai_assistance` is `yes`" not in text
    assert "ours: an experiment" in text


def test_the_model_in_the_text_is_the_model_that_is_fitted() -> None:
    """The formula has the terms of `analysis.effects`, those of absent conditions left out."""
    whole = text_of(study_file())
    two = text_of(study_file(conditions="control, ai_coach"))

    assert f"score ~ 1 + {' + '.join(TERMS[1:])}" in whole
    assert "score ~ 1 + ai_coach + post + ai_coach:post\n" in two
    assert "Treatments against each other" not in two


def test_conditions_by_other_names_take_the_place_that_the_plan_gives() -> None:
    """The text has the study's names, and the model those of the analysis."""
    text = text_of(
        study_file(conditions="waiting, tutor", analysis="{name: ours, places: {waiting: control, tutor: ai_coach}}")
    )

    assert "control (`waiting`), AI coach (`tutor`)." in text
    assert "In the models `waiting` is called `control`." in text
    assert "score ~ 1 + ai_coach + post + ai_coach:post\n" in text


def test_a_copied_study_is_registered_under_its_own_name() -> None:
    """Without a plan of its own it has the shipped plan, and not the name of the study that came with it."""
    text = text_of(study_file())

    assert "Listening: an experiment" in text
    assert "lend_an_ear, experiment 1" not in text


def test_what_the_plan_leaves_open_is_said() -> None:
    """A text without hypotheses or a number of people says so where they belong."""
    text = text_of(study_file())

    assert "**Not stated.**" in text
    assert "**Not fixed.**" in text


def test_what_is_left_open_is_named_as_the_text_has_it() -> None:
    """For whoever runs the command: the places, and nothing when the plan says everything."""
    assert left_open(PlanFile(name="ours")) == ["hypotheses (“Not stated”)", "number of people (“Not fixed”)"]
    assert left_open(PlanFile(name="ours", participants=80)) == ["hypotheses (“Not stated”)"]
    assert left_open(PlanFile(name="ours", participants=80, hypotheses=("Coaching helps.",))) == []


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("# Not a heading", "# Not a heading"),
        ("one\n\n## two", "one ## two"),
        ("2. second\n- third", "2. second - third"),
        ("- no list", "- no list"),
        ("2026) no list", "2026) no list"),
        ("**bold** _slanted_ `code` ~~gone~~", "**bold** _slanted_ `code` ~~gone~~"),
        ("__bold__ a_b", "__bold__ a_b"),
        ("[a link](javascript:x) ![a picture](y)", "[a link](javascript:x) ![a picture](y)"),
        ("&copy; a \\ and ai_coach", "&amp;copy; a \\ and ai_coach"),
        ("p < .05 & d > 0.2", "p &lt; .05 &amp; d &gt; 0.2"),
    ],
)
def test_words_of_a_study_stay_words(words: str, html: str) -> None:
    """Another program that reads Markdown makes one paragraph of them, with every letter as it was written."""
    assert MarkdownIt("commonmark").enable("strikethrough").render(escaped(words)) == f"<p>{html}</p>\n"


def test_hypotheses_do_not_change_the_text_around_them() -> None:
    """Each stays one item of its list."""
    text = text_of(study_file(analysis='{name: "<b>ours</b>", hypotheses: ["# One\\n\\n<h1>two</h1>"]}'))

    assert "1. \\# One \\<h1>two\\</h1>\n" in text
    assert "\n\\<b>ours\\</b>: an experiment" in text


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"conditions": "control, game"}, "and not game: say whose place it takes"),
        ({"conditions": "video, ai_coach"}, "compares with control"),
        ({"conditions": "control, video, a, b, c, d"}, "has four places"),
        ({"conditions": "control"}, "the study has only control"),
        ({"rounds": 2}, "need 3 rounds; the study has 2"),
    ],
)
def test_a_study_that_the_models_do_not_fit_is_refused(how: dict[str, object], told: str) -> None:
    """No text promises an analysis that cannot be made."""
    with pytest.raises(Unusable) as refused:
        text_of(study_file(**how))  # type: ignore[arg-type]

    assert told in str(refused.value)


def deviations_of(folder: Path, *, plan: Path, study: str, **world: object) -> list[str]:
    """What an analysis by the plan in `plan` lists for a small dataset that ran with `study`."""
    tables = simulate(World(participants=16, **world))  # type: ignore[arg-type]
    needed = {name: tables[name] for name in ("participants", "conversations", "scores")}
    dataset = write(needed, folder / "dataset")
    (dataset / "study.yaml").write_text(study, encoding="utf-8")
    read, fitted = load(dataset), read_plan(plan)
    chosen = select(read.participants)
    scored = scored_conversations(read.scores, read.conversations, chosen.analysed)
    return deviations(read, fitted, chosen, scored)


def frozen(folder: Path, definition: str, *, hash_: str) -> Path:
    """A preregistration's folder, as the command leaves it."""
    folder.mkdir()
    (folder / "study.yaml").write_text(definition, encoding="utf-8")
    (folder / "study.lock").write_text(json.dumps({"study": "listening", "hash": hash_}), encoding="utf-8")
    return folder / "study.yaml"


def test_a_study_that_ran_as_preregistered_has_no_deviation(tmp_path: Path) -> None:
    """Same file, same folder, as many people as planned: nothing is listed."""
    study = study_file(analysis="{name: ours, participants: 16}")
    plan = frozen(tmp_path / "frozen", study, hash_="f" * 64)

    assert deviations_of(tmp_path, plan=plan, study=study) == []


def test_every_departure_from_the_frozen_file_is_told_with_both_hashes(tmp_path: Path) -> None:
    """Another plan, another study.yaml, another folder and another number of people: a sentence each."""
    registered = study_file(analysis="{name: ours, participants: 20}")
    ran = registered.replace("participants: 20", "participants: 20, reliable_change_z: 1.645")
    plan = frozen(tmp_path / "frozen", registered, hash_=HASH)

    told = deviations_of(tmp_path, plan=plan, study=ran)

    assert [one.split(":")[0] for one in told] == [
        "The plan fitted differs from that of the study as run",
        "The study was changed after it was frozen",
        "Participants walked through another version than the frozen one",
        "Analysed",
    ]
    assert told[3] == "Analysed: 16 people; planned: 20."
    assert told[0].count("SHA-256") == told[1].count("SHA-256") == 2
    assert HASH in told[2] and "f" * 64 in told[2]


def test_conversations_that_a_model_leaves_out_are_counted(tmp_path: Path) -> None:
    """Rows that a dimension's model drops for want of a score are told by dimension."""
    study = study_file()
    plan = frozen(tmp_path / "frozen", study, hash_="f" * 64)

    told = deviations_of(tmp_path, plan=plan, study=study, missing=0.1)

    assert any(one.startswith("Left out of single models for want of a score: ") for one in told)
