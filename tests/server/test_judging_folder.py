"""Study folders in which people judge: what they show is read, drawn and dealt out, and every fault has its line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.bundle import StudyBundle
from core.located import Faults
from server.study_folder import read_study
from tests.server.small_studies import PAIRS, RATINGS, STUDIES, said, write_study

COPIED = shutil.ignore_patterns("*.py", "__pycache__")


def copy(tmp_path: Path, slug: str) -> Path:
    return Path(shutil.copytree(STUDIES / slug, tmp_path / slug, ignore=COPIED))


def told(folder: Path) -> list[str]:
    """The faults of a folder, each from the file's name on."""
    with pytest.raises(Faults) as caught:
        read_study(folder, scenarios=frozenset())
    return [str(fault).removeprefix(f"{folder}/") for fault in caught.value.faults]


def change(file: Path, old: str, new: str) -> int:
    """Replace a piece of a file that stands there once; the line of the piece."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_shipped_studies_hold_what_the_paper_s_experiment_held() -> None:
    """150 sequences of ten pairs from 30 conversations of each of five scenarios, with their scores."""
    bundle = read_study(STUDIES / "preferences", scenarios=frozenset())
    stimuli = bundle.stimuli["pair"]

    assert (len(stimuli.transcripts), len(stimuli.sequences)) == (150, 150)
    assert {len(sequence) for sequence in stimuli.sequences} == {10}
    assert len(stimuli.scores) == 150 * 6
    assert StudyBundle.model_validate_json(bundle.model_dump_json()) == bundle


def test_raters_get_the_judge_s_own_rubric() -> None:
    """Name, version and dimensions are those of the file that the judge is given."""
    from judges.rubric import load_rubric

    form = read_study(STUDIES / "expert_rating", scenarios=frozenset()).stimuli["rating"].form
    rubric = load_rubric("empathy")

    assert form is not None
    assert (form.rubric, form.version) == (rubric.name, rubric.version)
    assert [(c.id, c.definition, c.low, c.high) for c in form.criteria] == [
        (str(c.id), c.definition, c.low, c.high) for c in rubric.dimensions
    ]


@pytest.mark.parametrize(
    ("slug", "old", "new", "message"),
    [
        ("preferences", "per_decile: 3", "per_decile: 4", "4 per decile need 40 conversations of each scenario"),
        ("preferences", "source: stimuli/conversations.jsonl", "source: none.jsonl", "the file none.jsonl is missing"),
        ("preferences", "source: stimuli/conversations.jsonl", "source: ../x.jsonl", "lies outside the study's folder"),
        ("preferences", "source: stimuli/conversations.jsonl", "source: pages", "there is no table of messages"),
        ("preferences", "scores: stimuli/scores.jsonl", "scores: none.jsonl", "the file none.jsonl is missing"),
        ("preferences", "scores: stimuli/scores.jsonl", "elo: pages/end.md", "no ratings by `lendanear compare`"),
        ("preferences", "    trials: 10", "    trials: 200", "200 pairs need 80 conversations of each scenario"),
        ("preferences", "    trials: 10", "    trials: none", "`trials` must be a whole number"),
        ("preferences", "    abandoned_after_min: 60", "    abandoned_after_min: 0", "`abandoned_after_min`: "),
        ("expert_rating", "    trials: 12", "    trials: 7", "cannot be dealt out in queues of 7"),
        ("expert_rating", "    rubric: empathy", "    rubric: felt_heard_pair", "does not rate whole conversations"),
        ("expert_rating", "    rubric: empathy", "    rubric: nothing", "no rubric 'nothing' is shipped"),
        ("expert_rating", "entry: raters", "entry: friends", "`entry`: "),
    ],
)
def test_each_fault_is_told_at_its_setting(tmp_path: Path, slug: str, old: str, new: str, message: str) -> None:
    """One complaint, with the line on which the setting stands."""
    folder = copy(tmp_path, slug)
    line = change(folder / "study.yaml", old, new)

    [fault] = told(folder)

    assert fault.startswith(f"study.yaml:{line}: ")
    assert message in fault


@pytest.mark.parametrize(
    ("file", "line", "text", "message"),
    [
        ("stimuli/conversations.jsonl", 3, '{"id": "x"}', "a transcript needs a list of `messages`"),
        ("stimuli/conversations.jsonl", 2, "{", "not a line of JSON"),
        ("stimuli/scores.jsonl", 5, '{"id": "x", "repeat": "two"}', "no row of a judge"),
        ("stimuli/scores.jsonl", 1, "[]", "no row of a judge"),
    ],
)
def test_a_broken_line_is_told_in_its_own_file(tmp_path: Path, file: str, line: int, text: str, message: str) -> None:
    """The complaint names the file of conversations or scores, and the line in it."""
    folder = copy(tmp_path, "preferences")
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    (folder / file).write_text("\n".join([*lines[: line - 1], text, *lines[line:]]), encoding="utf-8")

    [fault] = told(folder)

    assert fault.startswith(f"{file}:{line}: ")
    assert message in fault


def test_deciles_follow_elo_where_it_is_named(tmp_path: Path) -> None:
    """The ten of forty conversations that stand highest in Elo are the only ones with a rating, one per decile."""
    pairs = PAIRS | {
        "stimuli": {"source": "many.jsonl", "elo": "many.ratings.json", "compared": "many.csv", "per_decile": 1},
        "trials": 1,
    }
    folder = write_study(tmp_path / "many", after=[pairs], scenarios=[])
    (folder / "many.jsonl").write_text("".join(json.dumps(said(n)) + "\n" for n in range(40)))
    elo = {f"talk_{n}": 1000 + n for n in range(30, 40)}
    (folder / "many.ratings.json").write_text(json.dumps({"seed": 1, "scenarios": {"loss": {"elo": elo, "ties": 0}}}))
    compared = "scenario,order,a_id,b_id,winner,model,prompt_version,failure,first,second\n"
    rows = ("loss,1,talk_30,talk_31,A,rules:1,compare/1,,A,A", "loss,2,talk_1,talk_31,tie,rules:1,compare/1,,A,B")
    (folder / "many.csv").write_text(compared + "\n".join(rows) + "\n")

    stimuli = read_study(folder, scenarios=frozenset()).stimuli["pair"]

    assert {t.id for t in stimuli.transcripts} == set(elo)
    assert [(pair.a_id, pair.b_id, pair.winner) for pair in stimuli.compared] == [("talk_30", "talk_31", "A")]

    change(folder / "study.yaml", "    elo: many.ratings.json\n", "")
    assert any("deciles need a ranking" in fault for fault in told(folder))


def test_judging_steps_stand_outside_rounds_and_once(tmp_path: Path) -> None:
    """In rounds, or a second time, or under the name of a trial, they are refused where they stand."""
    inside = write_study(tmp_path / "inside", PAIRS)
    assert any("belongs outside `rounds`" in fault for fault in told(inside))
    twice = write_study(tmp_path / "twice", after=[RATINGS, RATINGS | {"id": "more"}], scenarios=[])
    assert any("a study has one" in fault for fault in told(twice))
    named = write_study(
        tmp_path / "named", after=[PAIRS, {"id": "pair_2", "kind": "page", "file": "page.md"}], scenarios=[]
    )
    assert any("is what a trial of another step is called" in fault for fault in told(named))


def test_a_conversation_in_which_nothing_is_said_is_refused(tmp_path: Path) -> None:
    """Nobody can judge it."""
    folder = write_study(tmp_path / "silent", after=[PAIRS], scenarios=[])
    (folder / "said.jsonl").write_text(json.dumps(said(1) | {"messages": []}) + "\n")
    assert any("nothing is said in the conversation 'talk_1'" in fault for fault in told(folder))


def test_a_dataset_brings_its_conversations_and_scores(tmp_path: Path) -> None:
    """The folder of an export is a source as it is: the seeker's and supporter's messages, in order, and the scores."""
    folder = write_study(
        tmp_path / "again", after=[PAIRS | {"stimuli": {"source": "dataset"}, "trials": 1}], scenarios=[]
    )
    dataset = folder / "dataset"
    dataset.mkdir()
    (dataset / "conversations.csv").write_text("conversation_id,scenario\nc1,loss\nc2,loss\nc3,loss\n")
    (dataset / "messages.csv").write_text(
        "conversation_id,seq,role,text\nc1,2,supporter,'=Go on.\nc1,1,seeker,Hello.\nc1,9,coach,No.\nc2,1,seeker,Hm.\n"
    )
    (dataset / "scores.csv").write_text(
        "conversation_id,judge,model,rubric_version,repeat,dimension,score,failure\n"
        "c1,empathy,rules:1,1,1,advice_giving,4,\nc1,empathy,rules:1,1,1,self_oriented,,refused\n"
    )

    stimuli = read_study(folder, scenarios=frozenset()).stimuli["pair"]

    assert [(t.id, [m.text for m in t.messages]) for t in stimuli.transcripts] == [
        ("c1", ["Hello.", "=Go on."]),
        ("c2", ["Hm."]),
    ]
    assert [(s.dimension, s.score, s.failure) for s in stimuli.scores] == [
        ("advice_giving", 4, None),
        ("self_oriented", None, "refused"),
    ]
