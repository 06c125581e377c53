"""Pipes, devices and huge files in folders that people write: each is one line at once, and nothing waits for it."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysis.lock import LOCK
from analysis.plan import read_plan
from analysis.quotas import read_targets
from core.errors import Unusable
from core.written import MOST_DATA_BYTES, MOST_TEXT_BYTES
from judges.agree_choices import is_choices
from judges.agree_source import read_judge
from judges.means import read_sources
from judges.rubric import load_rubric
from llm.prices import read_prices
from personas.bank import load_persona
from server.commands.study import check, check_unchanged, freeze
from server.demographics_file import read_demographics
from server.judged_file import read_elo, read_judged_scores

STUDIES = Path(__file__).parents[2] / "studies"
PATIENCE_S = 30
"""Far more than one look takes; a test that waits for a pipe ends here and not never."""
FILES = [
    ("lend_an_ear", "study.yaml"),
    ("lend_an_ear", "pages/consent.md"),
    ("lend_an_ear", "surveys/about_you.yaml"),
    ("lend_an_ear", "lessons/as_it_feels_now.mp4"),
    ("lend_an_ear", "lessons/as_it_feels_now.vtt"),
    ("preferences", "stimuli/conversations.jsonl"),
]

Plant = Callable[[Path], None]


@pytest.fixture(autouse=True)
def _end_of_patience() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TimeoutError("it waits")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def huge(size: int) -> Plant:
    def plant(path: Path) -> None:
        with path.open("ab") as file:
            file.truncate(size + 1)

    return plant


def complaints(folder: Path, command: Callable[[Path], object] = check) -> list[str]:
    """The lines with which a study is refused."""
    with pytest.raises(Unusable) as refused:
        command(folder)
    return str(refused.value).splitlines()


@pytest.mark.parametrize("plant", [pipe, huge(MOST_DATA_BYTES)], ids=["pipe", "huge"])
@pytest.mark.parametrize(("study", "file"), FILES, ids=[file for _, file in FILES])
def test_a_file_that_cannot_be_meant_is_one_line(tmp_path: Path, study: str, file: str, plant: Plant) -> None:
    """It names the file; as for every other fault, the command then ends with 1."""
    folder = Path(shutil.copytree(STUDIES / study, tmp_path / study, ignore=shutil.ignore_patterns("*.py")))
    plant(folder / file)

    [line] = complaints(folder)
    assert file in line
    assert "no ordinary file" in line or "it has more than" in line


def test_what_a_study_does_not_name_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe is no part of it; a file too large to be one is told, as it would count for the study's hash."""
    folder = Path(shutil.copytree(STUDIES / "lend_an_ear", tmp_path / "mine"))
    pipe(folder / "pipe")
    assert check(folder).bundle.slug == "mine"

    huge(MOST_DATA_BYTES)(folder / "backup.tar")
    [line] = complaints(folder)
    assert line.startswith(str(folder / "backup.tar"))


@pytest.mark.parametrize("command", [check_unchanged, freeze])
def test_a_lock_that_is_a_pipe_is_refused(tmp_path: Path, command: Callable[[Path], object]) -> None:
    """It is neither read nor written."""
    folder = Path(shutil.copytree(STUDIES / "lend_an_ear", tmp_path / "mine"))
    pipe(folder / LOCK)

    [line] = complaints(folder, command)
    assert LOCK in line


@pytest.mark.parametrize("plant", [pipe, device, huge(MOST_TEXT_BYTES)], ids=["pipe", "device", "huge"])
@pytest.mark.parametrize(
    "read",
    [load_persona, read_plan, read_prices, lambda path: load_rubric(str(path))],
    ids=["persona", "plan", "prices", "rubric"],
)
def test_other_files_that_people_write_are_looked_at_first(
    tmp_path: Path, read: Callable[[Path], object], plant: Plant
) -> None:
    """Personas, plans of analysis, price lists and rubrics of one's own."""
    plant(tmp_path / "mine.yaml")
    with pytest.raises(Unusable, match=r"mine\.yaml"):
        read(tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    "read", [read_judge, is_choices, read_targets, read_demographics, read_judged_scores, read_elo, read_sources]
)
def test_files_that_commands_read_are_looked_at_first(tmp_path: Path, read: Callable[[Path], object]) -> None:
    """Scores, targets, people, ratings and sources: a pipe would be waited for."""
    pipe(tmp_path / "rows.csv")
    with pytest.raises(Unusable, match=r"rows\.csv: cannot be read \(it is no ordinary file\)"):
        read(tmp_path / "rows.csv")
