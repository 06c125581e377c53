"""`judge`, `compare` and `agree` as their user runs them: what is printed, written and refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from server.cli import main

GOOD = {"id": "k", "scenario": "s", "messages": [{"role": "seeker", "text": "I am sad."}]}
HEARD = {"role": "supporter", "text": "That sounds hard. How do you feel?"}


def talk(id: str, *messages: dict[str, str]) -> dict[str, object]:
    return {**GOOD, "id": id, "messages": [*GOOD["messages"], *messages]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands run: three good transcripts in `in.jsonl`."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.jsonl", *(talk(id_, HEARD) for id_ in "abc"))
    return tmp_path


def write(path: Path, *rows: object) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def run(line: str, monkeypatch: pytest.MonkeyPatch) -> str | int | None:
    """What `lendanear` exits with: nothing or 0, or the message that goes to standard error with exit 1."""
    monkeypatch.setattr(sys, "argv", ["lendanear", *line.split()])
    try:
        main()
    except SystemExit as ended:
        return ended.code
    return None


JUDGE = "judge in.jsonl --rubric empathy --out out.jsonl"
REFUSED = {
    "unknown rubric": (JUDGE.replace("empathy", "kindness"), "no rubric 'kindness'"),
    "a rubric that compares": (JUDGE.replace("empathy", "felt_heard_pair"), "use `lendanear compare`"),
    "a rubric that rates": (
        "compare in.jsonl --pairs 2 --rubric empathy --out o.csv",
        "use `lendanear judge`",
    ),
    "no rules for it": (JUDGE.replace("empathy", "helpfulness"), "name a model"),
    "an unknown model": (JUDGE + " --model rules:9", "only rules:2"),
    "a model named twice": (JUDGE + " --model rules --model rules:2", "--model: rules:2 is named twice"),
    "no such file": (JUDGE.replace("in.jsonl", "no.jsonl"), "no.jsonl: cannot be read"),
    "a full disk": (JUDGE.replace("out.jsonl", "/dev/full"), "/dev/full: cannot be written"),
    "a full disk for pairs": ("compare in.jsonl --pairs 2 --out /dev/full", "/dev/full: cannot be written"),
    "a full disk for figures": ("agree in.jsonl in.jsonl --out /dev/full", "/dev/full: cannot be written"),
    "no ratings": ("agree in.jsonl in.jsonl --out a.json", "in.jsonl:1: no row of a judge"),
}


@pytest.mark.parametrize(("line", "said"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str) -> None:
    message = run(line, monkeypatch)

    assert isinstance(message, str)
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize("option", ["--batch", "--repeats 3"])
def test_an_audit_refuses_what_it_cannot_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """Exit 2 rather than an option that does nothing."""
    assert run(f"{JUDGE} --audit {option}", monkeypatch) == 2
    assert "leave --batch and --repeats away" in capsys.readouterr().err


def test_silent_transcripts_are_told_at_the_end_and_the_others_are_judged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty, only the seeker, only the supporter: a line each and exit 1, with every row in the file."""
    alone = {"id": "o", "messages": [HEARD]}
    write(folder / "in.jsonl", {"id": "e", "messages": []}, talk("s"), alone, talk("k", HEARD))

    message = run(JUDGE, monkeypatch)
    rows = [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]

    assert str(message).splitlines() == [
        "in.jsonl: 'e': the transcript holds no message",
        "in.jsonl: 's': the supporter says nothing in this transcript",
        "in.jsonl: 'o': only the supporter speaks in this transcript",
    ]
    assert [row["failure"] is None for row in rows] == [False, False, False, True]


def test_broken_lines_are_all_told_and_the_finished_rows_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(JUDGE, monkeypatch) in (0, None)
    before = (folder / "out.jsonl").read_bytes()
    with (folder / "in.jsonl").open("a", encoding="utf-8") as file:
        file.write('{oops\n{"id": "d"}\n')

    first, second = str(run(JUDGE, monkeypatch)).splitlines()

    assert first.startswith("in.jsonl:4: not a line of JSON")
    assert second == "in.jsonl:5: a transcript needs a list of `messages`"
    assert (folder / "out.jsonl").read_bytes() == before


def test_judge_compare_and_agree_follow_one_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each prints its table, writes what it says, and takes what the one before has written."""
    rated = [talk(id_, HEARD) | {"ratings": {"expert1": {"advice_giving": n}}} for n, id_ in enumerate("abc", start=1)]
    write(folder / "rated.jsonl", *rated)
    for line in (
        JUDGE + " --repeats 2",
        "compare in.jsonl --pairs 4 --out p.csv",
        "agree out.jsonl rated.jsonl --out a.json",
    ):
        assert run(line, monkeypatch) in (0, None)
    printed = capsys.readouterr().out

    assert "6 of 6 rows in out.jsonl." in printed
    assert "4 comparisons in p.csv; ratings in p.ratings.json." in printed
    assert "| rules:2 |" in printed
    made = {path.name for path in folder.iterdir()}
    assert made >= {"out.spread.json", "p.ratings.json", "a.json", "a.disagreements.csv"}
    assert ".judged.sqlite" not in made
