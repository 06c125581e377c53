"""Lists in the pages are those of the program: sections of results, files of the dataset, kinds, causes, version."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from itertools import product
from pathlib import Path

import pytest
import yaml
from docs_pages import ROOT, codes, first_cells, section, text

from analysis.run import analyze
from core.clock import PauseCause
from core.dimensions import DIMENSIONS, framework
from core.events import CloseReason
from personas.bank import load_bank
from server.export.codebook import columns
from server.steps import KINDS

DOCS = ROOT / "docs"
CONDITIONS = ("control", "video", "ai_coach", "combined")


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def small_dataset(tmp_path: Path) -> Path:
    """Three people per condition with three scored conversations each, in the columns of the codebook."""
    people = [f"{condition}-{number}" for condition in CONDITIONS for number in range(3)]
    talks = [(person, round_) for person in people for round_ in (1, 2, 3)]
    blank = {table: dict.fromkeys((column.name for column in described), "") for table, described in columns().items()}
    at = "2026-01-01T00:00:00.000Z"
    known = {"study": "small", "status": "complete", "pilot": "false", "started_at": at, "finished_at": at}
    folder = tmp_path / "dataset"
    folder.mkdir()
    write(
        folder / "participants.csv",
        [blank["participants"] | known | {"participant_id": p, "condition": p.partition("-")[0]} for p in people],
    )
    write(
        folder / "conversations.csv",
        [
            blank["conversations"]
            | {"conversation_id": f"{p}-{r}", "participant_id": p, "round": r, "scenario": "loss"}
            | {"trouble_type": "personal", "end_reason": "time", "started_at": at}
            for p, r in talks
        ],
    )
    scored = {"judge": "empathy", "model": "rules:1", "rubric_version": "1", "repeat": 1}
    write(
        folder / "scores.csv",
        [
            blank["scores"]
            | scored
            | {"conversation_id": f"{p}-{r}", "dimension": d.value, "score": 1 + hash_of(p, r, d.value) % 5}
            for (p, r), d in product(talks, DIMENSIONS)
        ],
    )
    return folder


def hash_of(*parts: object) -> int:
    """A number that looks like chance and is the same in every run."""
    return sum(ord(letter) * place for place, letter in enumerate(repr(parts), start=1))


def test_the_sections_of_results_are_explained(small_dataset: Path, tmp_path: Path) -> None:
    """docs/analyst.md names every key of results.json but the two that it introduces in the text, and no other."""
    analyze(small_dataset, tmp_path / "out")
    found = set(json.loads((tmp_path / "out" / "results.json").read_text())) - {"tags", "notes"}
    told = section(DOCS / "analyst.md", "What is in `results.json`")
    assert {key for cell in first_cells(told) for key in codes(cell)} == found
    assert {"tags", "notes"} <= set(codes(told))


def test_the_files_of_the_dataset_are_explained() -> None:
    """docs/analyst.md has a row for every file that an export writes."""
    cells = first_cells(section(DOCS / "analyst.md", "The dataset"))
    assert [table for cell in cells for table in codes(cell)] == list(columns())


def test_kinds_of_steps_causes_and_reasons_are_named() -> None:
    """The pages know every kind of step, every cause of a pause and every reason for an end."""
    experimenter, clock = text(DOCS / "experimenter.md"), text(DOCS / "decisions" / "0002-the-clock.md")
    kinds = re.search(r"Steps are of the kind (.+?)\.", experimenter, re.DOTALL)
    assert kinds is not None
    assert set(codes(kinds.group(1))) == set(KINDS)
    assert {cause.value for cause in PauseCause} <= set(codes(clock)) | set(re.findall(r"\*\*`(\w+)`\*\*", clock))
    reasons = re.search(r"`end_reason` is (.+?), or empty", text(DOCS / "analyst.md"), re.DOTALL)
    assert reasons is not None
    assert set(codes(reasons.group(1))) == {reason.value for reason in CloseReason}


def test_trainees_read_of_the_people_and_dimensions_that_there_are() -> None:
    """docs/trainee.md introduces the personas of the bank and the six dimensions by their names."""
    page = DOCS / "trainee.md"
    people = first_cells(section(page, "Practise on your own"))
    assert sorted(people) == sorted(persona.name for persona in load_bank().values())
    told = re.findall(r"^- \*\*(.+?):\*\*", section(page, "The six things that are looked at"), re.MULTILINE)
    assert told == [definition.name for definition in framework().definitions]


def test_version_and_licence_agree_everywhere() -> None:
    """CITATION.cff, pyproject.toml and LICENSE say the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (str(cited["version"]), cited["license"]) == (project["version"], project["license"])
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert text(ROOT / "LICENSE").startswith(f"{project['license']} License")


def test_the_changelog_begins_with_what_is_not_released() -> None:
    """Keep a Changelog: the newest first, and sections of the known names only."""
    page = text(ROOT / "CHANGELOG.md")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE)[0] == "[Unreleased]"
    sections = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", page, re.MULTILINE)) <= sections
