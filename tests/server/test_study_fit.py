"""`study check` tells what the analysis could not read, and remarks on what is hardly meant, by file and line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.lock import LOCK
from core.errors import Unusable
from core.located import Faults
from server.commands.study import check, check_unchanged, freeze
from tests.server.small_studies import FELT, STUDIES, TALK, write_study

ASSISTANCE = {"id": "ai_assistance", "instrument": "final", "text": "Did a model help?", "kind": "choice"}
SEX = {"id": "sex", "instrument": "demographics", "text": "Sex?", "kind": "choice"}
FELT_IT = {"id": "empathized", "instrument": "self_assessment", "text": "How much?", "kind": "likert"}


def options(*values: object) -> dict[str, Any]:
    return {"options": [{"value": value, "label": str(value)} for value in values]}


def study(folder: Path, *items: dict[str, Any], **more: Any) -> Path:
    """A study of one conversation and one survey, which asks `items`, else only what the plan needs."""
    write_study(folder, TALK, FELT, **({"conditions": ("control", "ai_coach")} | more))
    asked = list(items) or [ASSISTANCE | options("yes", "no")]
    (folder / "felt.yaml").write_text(
        yaml.safe_dump({"title": "Felt", "sections": [{"items": asked}]}, sort_keys=False)
    )
    return folder


def line_of(file: Path, piece: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), start=1) if piece in line)


def faults(folder: Path) -> list[tuple[str, int, str]]:
    """File (within the folder), line and message."""
    with pytest.raises(Faults) as refused:
        check(folder)
    return [(Path(one.file).name, one.line, one.message) for one in refused.value.faults]


def remarked(folder: Path) -> list[tuple[str, int, str]]:
    return [(Path(one.file).name, one.line, one.message) for one in check(folder).remarks]


@pytest.mark.parametrize("name", ["lend_an_ear", "preferences", "expert_rating"])
def test_there_is_nothing_to_remark_on_the_shipped_studies(name: str) -> None:
    assert check(STUDIES / name).remarks == []


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (SEX | options("woman", "man"), "knows the values female, male, other of `sex`, and not woman, man"),
        (ASSISTANCE | options("ja", "nein"), "knows the values yes, no of `ai_assistance`, and not ja, nein"),
        (ASSISTANCE | {"kind": "checkbox"}, "of `ai_assistance`, and not those of the kind checkbox"),
        (SEX | {"id": "age"} | options("18-29", "30+"), "the answers to `age` must be of the kind number"),
        (FELT_IT | options("low", "high"), "answers of the instrument self_assessment must be numbers"),
        (FELT_IT | {"kind": "text"}, "answers of the instrument self_assessment must be numbers"),
    ],
)
def test_answers_that_the_analysis_would_lose_are_told_at_their_question(
    tmp_path: Path, item: dict[str, Any], told: str
) -> None:
    """A value in another language is a fault before anybody has given it."""
    folder = study(tmp_path / "mine", item)
    ((file, line, message),) = faults(folder)

    assert (file, line) == ("felt.yaml", line_of(folder / "felt.yaml", f"id: {item['id']}"))
    assert told in message


def test_a_condition_that_the_analysis_does_not_know_is_remarked_with_what_mends_it(tmp_path: Path) -> None:
    """Its line says what to write; written, there is nothing more to remark."""
    folder = study(tmp_path / "mine", conditions=("waiting", "ai_coach"))
    ((file, line, message),) = remarked(folder)

    assert (file, line) == ("study.yaml", line_of(folder / "study.yaml", "conditions:"))
    assert "and not waiting: say whose place it takes, such as `analysis: " in message
    with (folder / "study.yaml").open("a", encoding="utf-8") as definition:
        definition.write(message.partition("`analysis: ")[2].join(("analysis: ", "")).replace("…", "ours").rstrip("`"))
    assert remarked(folder) == []


def test_a_study_of_one_group_needs_no_place(tmp_path: Path) -> None:
    """There is nothing to compare it with, whatever it is called."""
    assert remarked(study(tmp_path / "mine", conditions=("everybody",))) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"wiating": "control"}, "'wiating' is none of the study's conditions"),
        ({"waiting": "ai_coach"}, "ai_coach and waiting cannot both have the place of ai_coach in the analysis"),
        ({"waiting": "none"}, "`places`: waiting can have the place of control, video, ai_coach, combined, not of"),
    ],
)
def test_a_place_that_cannot_be_taken_is_a_fault(tmp_path: Path, given: dict[str, str], told: str) -> None:
    plan = {"name": "ours", "places": given}
    folder = study(tmp_path / "mine", conditions=("waiting", "ai_coach"), analysis=plan)

    assert any(message.startswith(told) for _, _, message in faults(folder))


def test_an_exclusion_that_nobody_is_asked_about_is_remarked(tmp_path: Path) -> None:
    """The plan leaves out who had help; without the question it would leave out nobody, unseen."""
    folder = study(tmp_path / "mine", ASSISTANCE | {"id": "help_of_a_model"} | options("yes", "no"))

    assert [message.split(":")[0] for _, _, message in remarked(folder)] == [
        "the plan leaves out who had help of a model, and no survey asks for `ai_assistance`"
    ]


def test_a_number_that_the_study_does_not_have_is_remarked_in_its_text(tmp_path: Path) -> None:
    """A field mistyped would be shown to people as it stands."""
    folder = study(tmp_path / "mine")
    (folder / "page.md").write_text("# A page\n\nIt has {limit_min} or {limit_mins} minutes.\n")

    assert remarked(folder) == [
        ("page.md", 3, "{limit_mins} stays as it stands: no number of the study has this name")
    ]  # fmt: skip


def test_a_lock_is_replaced_only_when_told_and_remembers_what_it_said(tmp_path: Path) -> None:
    """Freezing twice changes nothing; a changed study is refused; again, the earlier hash stays in the lock."""
    folder = study(tmp_path / "mine")
    first = freeze(folder)
    assert freeze(folder) == first
    (folder / "page.md").write_text("# Another page\n")
    with pytest.raises(Faults, match="changed since it was frozen"):
        freeze(folder)

    second = freeze(folder, again=True)

    assert json.loads((folder / LOCK).read_text()) == {"study": "mine", "hash": second, "earlier": [first]}
    check_unchanged(folder)
    assert freeze(folder) == second
    assert json.loads((folder / LOCK).read_text())["earlier"] == [first]


def test_the_lock_of_the_study_that_a_folder_was_copied_from_is_not_its_own(tmp_path: Path) -> None:
    """The copy was never frozen, and its history does not begin with another study."""
    first = study(tmp_path / "first")
    freeze(first)
    second = shutil.copytree(first, tmp_path / "second")

    check_unchanged(second)
    hash_ = freeze(second)

    assert json.loads((second / LOCK).read_text()) == {"study": "second", "hash": hash_}


def test_a_lock_that_is_none_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = study(tmp_path / "mine")
    (folder / LOCK).write_text("{}")
    for command in (check_unchanged, freeze):
        with pytest.raises(Unusable, match="not a lock file; delete it, and freeze the study again"):
            command(folder)
