"""Ten transcripts judged, labelled and compared by the command line through a gateway that is not ours."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest

from server.cli import main
from tests.conftest import ROOT, SHARED
from tests.gateway.listener import Listener
from tests.gateway.started import Gateway

TALKS = ROOT / "studies" / "preferences" / "stimuli" / "conversations.jsonl"
EXPERT_RATED = SHARED / "data" / "expert_rated.jsonl"

pytestmark = pytest.mark.gateway


@pytest.fixture
def folder(gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An experimenter's folder, with the gateway in the environment."""
    monkeypatch.setenv("OPENAI_BASE_URL", gateway.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", gateway.key)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ten_of(source: Path, folder: Path) -> list[dict[str, object]]:
    """The first ten transcripts of a file, which stand in `ten.jsonl`."""
    lines = source.read_text(encoding="utf-8").splitlines()[:10]
    (folder / "ten.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [json.loads(line) for line in lines]


def run(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run `lendanear`; it must not end with a message."""
    monkeypatch.setattr(sys, "argv", ["lendanear", *command.split()])
    try:
        main()
    except SystemExit as ended:
        assert ended.code in (None, 0), ended.code


def rows_in(path: Path) -> list[dict[str, dict[str, object]]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("source", [TALKS, pytest.param(EXPERT_RATED, marks=pytest.mark.shared)], ids=lambda s: s.stem)
def test_ten_transcripts_get_ten_rows_with_verbatim_quotes(
    folder: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    """One call each, nothing missing, in input order; the same command again asks nobody."""
    talks = ten_of(source, folder)
    before = listener.asked
    command = "judge ten.jsonl --rubric empathy --model openai:listener --out scores.jsonl"

    run(command, monkeypatch)
    rows = rows_in(folder / "scores.jsonl")

    assert listener.asked - before == 10
    assert [row["id"] for row in rows] == [talk["id"] for talk in talks]
    assert {(row["model"], row["failure"]) for row in rows} == {("openai:listener", None)}
    for row, talk in zip(rows, talks, strict=True):
        assert len(row["scores"]) == 6
        assert all(score in range(1, 6) for score in row["scores"].values())
        quoted = {quote for quotes in row["evidence"].values() for quote in quotes}
        assert quoted
        assert quoted <= {message["text"] for message in talk["messages"] if message["role"] == "supporter"}
    run(command, monkeypatch)
    assert listener.asked - before == 10


def test_ten_transcripts_are_labelled_and_compared(
    folder: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labels come by the form, letters by the stream; each pair is asked about in both orders and none is missing."""
    ten_of(TALKS, folder)
    before = listener.asked

    run("judge ten.jsonl --rubric strategies_esr --model openai:listener --out labels.jsonl", monkeypatch)
    run("compare ten.jsonl --pairs 5 --model openai:listener --out pairs.csv", monkeypatch)
    labels = rows_in(folder / "labels.jsonl")
    pairs = list(csv.DictReader((folder / "pairs.csv").read_text(encoding="utf-8").splitlines()))

    assert [row["labels"] for row in labels] == [{"strategies": ["others"]}] * 10
    assert len(pairs) == 5
    assert {(pair["model"], pair["failure"]) for pair in pairs} == {("openai:listener", "")}
    assert {pair["winner"] for pair in pairs} <= {"A", "B"}
    assert listener.asked - before == 20
