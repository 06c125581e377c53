"""The page on judges shows what the program does: its example is run, its lists are those of the program."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from judges.criteria import Verb
from judges.file import judge_file
from judges.rubric import load_rubric, shipped
from llm.models import Models
from tests.judges.conversations import read_rows, rules
from tests.judges.members import member_of

PAGE = (Path(__file__).parents[2] / "docs" / "judges.md").read_text(encoding="utf-8")


def block(kind: str, *, number: int = 0) -> str:
    """The text of a fenced block of the page."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)[number]


@pytest.fixture
def models() -> Models:
    return rules()


async def test_the_judge_made_on_the_page_gives_the_row_shown_there(tmp_path: Path, models: Models) -> None:
    (tmp_path / "asks.yaml").write_text(block("yaml"), encoding="utf-8")
    (tmp_path / "talks.jsonl").write_text(block("json"), encoding="utf-8")
    rubric = load_rubric(str(tmp_path / "asks.yaml"))

    out = tmp_path / "asked.jsonl"
    await judge_file(tmp_path / "talks.jsonl", out, rubric=rubric, panel=[member_of(models, rubric)])

    shown = json.loads(block("json", number=1))
    assert {**read_rows(out)[0], "model": shown["model"]} == shown
    assert read_rows(out)[1]["labels"] == {"strategies": ["providing_suggestions"]}


def test_the_page_lists_every_rubric_under_its_verb() -> None:
    rows = {line.split("|")[1].strip(): set(re.findall(r"`(\w+)`", line.split("|")[4])) for line in _table("| verb")}

    for verb in Verb:
        assert rows[verb] == {name for name in shipped() if load_rubric(name).verb is verb}


def _table(head: str) -> list[str]:
    after = PAGE[PAGE.index(head) :].split("\n\n")[0]
    return after.splitlines()[2:]
