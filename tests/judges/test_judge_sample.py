"""`sample`: a seeded draw of transcripts, or of single replies with their history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import Unusable
from judges.criteria import Verb
from judges.material import material
from judges.rubric import load_rubric
from judges.sample import sample_file
from judges.source import read_transcripts


def talk(id: str, *, rounds: int) -> dict[str, Any]:
    messages = [{"role": role, "text": f"{id} {role} {n}"} for n in range(rounds) for role in ("seeker", "supporter")]
    return {"id": id, "scenario": "loss", "messages": messages, "ratings": {"expert1": {"overall": 3}}}


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    """150 conversations of one to four exchanges: 373 replies."""
    path = tmp_path / "talks.jsonl"
    rows = [talk(f"t{n}", rounds=1 + n % 4) for n in range(150)]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_sample_comes_again_from_its_seed_and_only_from_it(talks: Path, tmp_path: Path) -> None:
    """A hundred lines as they were, none twice, in the file's order (SE-31)."""
    first, again, other = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl"))
    for out, seed in ((first, 7), (again, 7), (other, 8)):
        sample_file(talks, out, size=100, seed=seed)

    lines = talks.read_text(encoding="utf-8").splitlines()
    drawn = first.read_text(encoding="utf-8").splitlines()
    assert (len(drawn), len(set(drawn))) == (100, 100)
    assert drawn == [line for line in lines if line in set(drawn)]
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()


def test_replies_end_with_what_is_judged(talks: Path, tmp_path: Path) -> None:
    """Each is a conversation up to one reply, which the judges of single replies look at."""
    out = tmp_path / "replies.jsonl"
    found = sample_file(talks, out, size=100, seed=1, replies=True)
    rubric = load_rubric("reply_empathy")

    assert (found.drawn, found.of) == (100, 373)
    assert rubric.verb is Verb.RATE
    for row, transcript in zip(rows_of(out), read_transcripts(out), strict=True):
        conversation, _, number = row["id"].partition("@")
        assert len(row["messages"]) == int(number)
        assert "ratings" not in row
        assert material(transcript, rubric).said == (f"{conversation} supporter {int(number) // 2 - 1}",)


def test_a_message_that_answers_nothing_is_no_reply(tmp_path: Path) -> None:
    talks = tmp_path / "in.jsonl"
    messages = [("supporter", "Hello!"), ("seeker", "I am sad."), ("supporter", "  "), ("supporter", "Tell me.")]
    row = {"id": "t", "messages": [{"role": role, "text": text} for role, text in messages]}
    talks.write_text(json.dumps(row), encoding="utf-8")

    assert sample_file(talks, tmp_path / "out.jsonl", size=1, seed=1, replies=True).of == 1
    assert rows_of(tmp_path / "out.jsonl")[0]["id"] == "t@4"


def test_too_few_and_the_file_itself_are_refused(talks: Path, tmp_path: Path) -> None:
    before = talks.read_bytes()

    with pytest.raises(Unusable, match="holds 150 transcripts, 151 are asked for"):
        sample_file(talks, tmp_path / "out.jsonl", size=151, seed=1)
    with pytest.raises(Unusable, match="is the file to draw from"):
        sample_file(talks, talks, size=10, seed=1)

    assert talks.read_bytes() == before
    assert not (tmp_path / "out.jsonl").exists()
