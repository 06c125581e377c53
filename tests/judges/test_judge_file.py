"""Judging files: rows as the contract has them, in order, resumed, and never half a line."""

# ruff: noqa: ASYNC240 - a test may look at its own files while its loop waits
from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.dimensions import DIMENSIONS
from core.errors import Unusable
from judges.file import Counts, Member, judge_file
from judges.rowfile import RowFile
from judges.rubric import load_rubric
from judges.source import read_finished
from llm.faults import Refused, TimedOut
from llm.models import Models
from llm.provider import Call, Parameters
from llm.reply import T, Usage
from llm.request import Request
from llm.scripted import Line, ScriptedModel
from tests.judges.conversations import HEARD, answer, conversation, judged_by, read_rows, rules, write_transcripts
from tests.judges.members import member_of

EMPATHY = load_rubric("empathy")
IDS = [f"c{number}" for number in range(1, 21)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of twenty transcripts."""
    return write_transcripts(tmp_path / "in.jsonl", *(conversation(HEARD, id=id_) for id_ in IDS))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def panel(models: Models) -> list[Member]:
    """The one model that judges the file."""
    return [member_of(models, EMPATHY)]


class SlowerFirst(ScriptedModel):
    """Takes the longer the earlier it is asked, so that answers come back in the wrong order."""

    busy = 0
    busiest = 0

    async def answer(
        self, request: Request, schema: type[T], *, model: str, parameters: Parameters, call: Call
    ) -> tuple[T, str, Usage]:
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await asyncio.sleep(0.02 / (1 + len(self.asked)))
        self.busy -= 1
        return await super().answer(request, schema, model=model, parameters=parameters, call=call)


def always() -> list[Line]:
    """A script that gives a good answer for as long as anyone asks."""
    return [answer()] * 40


async def test_a_row_has_the_fields_of_the_contract(source: Path, out: Path) -> None:
    """Names, order and types as other programs read them."""
    await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))
    row = read_rows(out)[0]

    assert list(row) == [
        "id", "rubric", "rubric_version", "model", "repeat", "scores", "overall", "evidence", "reason", "failure",
    ]  # fmt: skip
    assert (row["id"], row["rubric"], row["rubric_version"], row["repeat"]) == ("c1", "empathy", EMPATHY.version, 1)
    assert row["model"] == "rules:1"
    for name in ("scores", "evidence", "reason"):
        assert list(row[name]) == [dimension.value for dimension in DIMENSIONS]
    assert all(score in (1, 2, 3, 4, 5) for score in row["scores"].values())
    assert row["overall"] == sum(list(row["scores"].values())[:3]) - sum(list(row["scores"].values())[3:])
    assert all(quote in HEARD for quotes in row["evidence"].values() for quote in quotes)
    assert row["failure"] is None


async def test_rows_come_in_input_order_however_the_answers_come(source: Path, out: Path) -> None:
    """Calls run side by side, bounded, and the file is in order all the same."""
    model = SlowerFirst(*always())
    seen: list[Counts] = []

    counts = await judge_file(
        source, out, rubric=EMPATHY, panel=panel(judged_by(model)), repeats=2, progress=seen.append
    )

    assert [(row["id"], row["repeat"]) for row in read_rows(out)] == [(id_, n) for id_ in IDS for n in (1, 2)]
    assert 1 < model.busiest <= 8
    assert counts == Counts(total=40, rated=40)
    assert [count.done for count in seen] == list(range(41))


async def test_a_failure_is_a_row_with_its_reason(source: Path, out: Path) -> None:
    """A refusal is counted and written down; its scores are null, never a number."""
    lines = always()
    lines[2] = Refused("not this one")

    counts = await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(ScriptedModel(*lines))))
    failed = [row for row in read_rows(out) if row["failure"]]

    assert (counts.rated, counts.failed) == (19, 1)
    assert [row["failure"] for row in failed] == ["refused: not this one"]
    assert failed[0]["model"] == "scripted:1"
    assert set(failed[0]["scores"].values()) == {None}
    assert failed[0]["overall"] is None


async def test_a_run_goes_on_where_the_last_one_stopped(source: Path, out: Path) -> None:
    """Finished rows are kept byte for byte and not asked about again; a row that broke off is judged anew."""
    await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(ScriptedModel(*always()))))
    whole = out.read_bytes()
    lines = whole.splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:7]) + lines[7][:50])
    model = ScriptedModel(*always())

    counts = await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(model)))

    assert out.read_bytes() == whole
    assert (counts.kept, counts.rated) == (7, 13)
    assert [request.purpose for request in model.asked] == IDS[7:]


async def test_a_last_row_without_line_feed_counts_as_finished(source: Path, out: Path) -> None:
    """An editor that drops the last line feed costs nothing."""
    await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))
    whole = out.read_bytes()
    out.write_bytes(b"\n".join(whole.splitlines()[:5]))

    counts = await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))

    assert counts.kept == 5
    assert out.read_bytes() == whole


async def test_rows_in_another_order_are_kept_and_sorted(source: Path, out: Path) -> None:
    """Transcripts that were added in front later are judged, and the file ends in input order."""
    await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))
    whole = out.read_bytes()
    rows = whole.splitlines(keepends=True)
    out.write_bytes(b"".join(reversed(rows[5:9])))
    model_rows = await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))

    assert model_rows.kept == 4
    assert out.read_bytes() == whole
    assert list(out.parent.glob("*.sorting")) == []


async def test_a_finished_file_asks_nobody(source: Path, out: Path) -> None:
    """Running the same command again changes nothing."""
    await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(ScriptedModel(*always()))))
    whole = out.read_bytes()
    model = ScriptedModel()

    counts = await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(model)))

    assert (counts.kept, counts.done, model.asked) == (20, 20, [])
    assert out.read_bytes() == whole


async def test_a_cancelled_run_leaves_whole_rows(source: Path, out: Path) -> None:
    """Ctrl-C stops at a row's end, leaves no task behind, and the next run completes the file."""
    model = ScriptedModel(*always())

    def stop_after_five(counts: Counts) -> None:
        if counts.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(model)), progress=stop_after_five)

    assert [row["id"] for row in read_rows(out)] == IDS[:5]
    assert len(asyncio.all_tasks()) == 1
    counts = await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(ScriptedModel(*always()))))
    assert (counts.kept, counts.rated) == (5, 15)


async def test_a_task_cancelled_in_mid_call_leaves_whole_rows(source: Path, out: Path) -> None:
    """Cancellation while models are thinking is as clean as between rows."""
    model = SlowerFirst(*always())
    run = asyncio.create_task(judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(model))))
    await asyncio.sleep(0.021)
    run.cancel()

    with pytest.raises(asyncio.CancelledError):
        await run

    assert [row["id"] for row in read_rows(out)] == IDS[: len(read_rows(out))]
    assert len(asyncio.all_tasks()) == 1


BROKEN = {
    "no JSON": (b"{oops\n", ":3: not a line of JSON"),
    "no transcript": (b'{"id": 7}\n', ":3: a transcript needs"),
    "a foreign role": (b'{"id": "x", "messages": [{"role": "judge", "text": ""}]}\n', ":3: message 1: `role`"),
    "an id twice": (b'{"id": "c1", "messages": []}\n', ":3: the id 'c1' occurs twice"),
    "no UTF-8": (b'{"id": "\xff"}\n', ":3: not UTF-8"),
    "too deep": (b"[" * 100_000 + b"\n", ":3: not a line of JSON"),
}


@pytest.mark.parametrize(("line", "complaint"), BROKEN.values(), ids=BROKEN)
async def test_a_broken_line_is_told_before_anyone_is_asked(
    source: Path, out: Path, line: bytes, complaint: str
) -> None:
    """One message with file and line; no call is paid for, and rows of an earlier run stay as they are."""
    await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))
    out.write_bytes(b"".join(out.read_bytes().splitlines(keepends=True)[:2]))
    kept = out.read_bytes()
    lines = source.read_bytes().splitlines(keepends=True)
    source.write_bytes(b"".join([*lines[:2], line, *lines[2:]]))
    model = ScriptedModel()

    with pytest.raises(Unusable) as refusal:
        await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(model)))

    assert f"in.jsonl{complaint}" in refusal.value.message
    assert "\n" not in refusal.value.message
    assert model.asked == []
    assert out.read_bytes() == kept


async def test_a_missing_source_makes_no_file(tmp_path: Path, out: Path) -> None:
    """A wrong path is one message, and nothing is left behind."""
    with pytest.raises(Unusable, match=r"nowhere\.jsonl: cannot be read"):
        await judge_file(tmp_path / "nowhere.jsonl", out, rubric=EMPATHY, panel=panel(rules()))

    assert not out.exists()


async def test_rows_that_belong_to_something_else_are_not_touched(source: Path, out: Path) -> None:
    """Another rubric's, another model's or another file's rows, and files that hold no rows, are refused."""
    await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))
    row = out.read_text(encoding="utf-8").splitlines()[0]
    refusals = {
        row.replace('"empathy"', '"kindness"'): r"out\.jsonl:1: this row is by kindness",
        row.replace('"rules:1"', '"rules:0"'): r"out\.jsonl:1: this row is from rules:0",
        row.replace('"c1"', '"elsewhere"'): r"out\.jsonl:1: 'elsewhere'.* is not asked for",
        row.replace('"repeat": 1', '"repeat": 2'): r"out\.jsonl:1: 'c1', repeat 2, is not asked for",
        f"{row}\n{row}": r"out\.jsonl:2: 'c1', repeat 1, stands here a second time",
        "Dear diary": r"out\.jsonl:1: no row of a judge",
    }
    for content, complaint in refusals.items():
        out.write_text(content + "\n", encoding="utf-8")
        with pytest.raises(Unusable, match=complaint):
            await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))
        assert out.read_text(encoding="utf-8") == content + "\n"


async def test_the_source_is_never_written_to(source: Path) -> None:
    """`--out` that names the transcripts themselves is refused."""
    before = source.read_bytes()

    with pytest.raises(Unusable, match="cannot go into the file of the transcripts"):
        await judge_file(source, source, rubric=EMPATHY, panel=panel(rules()))

    assert source.read_bytes() == before


async def test_a_place_that_cannot_be_written_is_one_message(source: Path, tmp_path: Path) -> None:
    """A folder that is not there, or a folder in the place of the file."""
    for out in (tmp_path / "nowhere" / "out.jsonl", tmp_path):
        with pytest.raises(Unusable, match="cannot be"):
            await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))


async def test_a_full_disk_keeps_the_rows_before(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that does not fit is taken back whole; the ones before it stand."""
    room: Iterator[int] = iter([100, 30])

    def pwrite(descriptor: int, piece: bytes, offset: int) -> int:
        size = next(room, None)
        if size is None:
            raise OSError(28, "No space left on device")
        with open(descriptor, "r+b", closefd=False) as file:
            file.seek(offset)
            return file.write(piece[:size])

    monkeypatch.setattr("os.pwrite", pwrite)
    with RowFile(out, finished=[]) as rows:
        rows.append("a" * 99)
        with pytest.raises(Unusable, match=r"\(No space left on device\); all rows before are kept"):
            rows.append("b" * 99)

    assert out.read_text(encoding="utf-8") == "a" * 99 + "\n"


async def test_any_text_goes_through_letter_for_letter(out: Path, tmp_path: Path) -> None:
    """Other scripts, line separators, NUL and halves of characters are quoted as they were written."""
    odd = ["Ça va? Qu'est-ce qui s'est passé?", "You must feel sad\u2028today", "That sounds sad \ud83d ok", "<3\x00"]
    source = write_transcripts(tmp_path / "in.jsonl", *(conversation(t, id=f"o{i}") for i, t in enumerate(odd)))

    await judge_file(source, out, rubric=EMPATHY, panel=panel(rules()))
    rows = [json.loads(line) for line in out.read_bytes().split(b"\n") if line]

    assert [row["failure"] for row in rows] == [None] * 4
    for text, row in zip(odd, rows, strict=True):
        assert all(quote in text for quotes in row["evidence"].values() for quote in quotes)


async def test_an_empty_file_gives_an_empty_file(out: Path, tmp_path: Path) -> None:
    """No transcripts, no rows, no fault."""
    source = write_transcripts(tmp_path / "in.jsonl")

    assert await judge_file(source, out, rubric=EMPATHY, panel=panel(rules())) == Counts(total=0)
    assert read_finished(out) == []


async def test_transcripts_without_a_supporter_get_their_row(out: Path, tmp_path: Path) -> None:
    """What cannot be rated is missing with its reason, in its place."""
    source = write_transcripts(tmp_path / "in.jsonl", conversation(id="silent"), conversation(HEARD, id="heard"))

    counts = await judge_file(source, out, rubric=EMPATHY, panel=panel(judged_by(ScriptedModel(TimedOut("slow")))))

    assert (counts.total, counts.failed) == (2, 2)
    assert counts.unjudgeable == (f"{source}: 'silent': the supporter says nothing in this transcript",)
    assert [row["id"] for row in read_rows(out)] == ["silent", "heard"]
    assert "supporter says nothing" in read_rows(out)[0]["failure"]
