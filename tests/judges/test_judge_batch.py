"""`judge --batch`: one file up, its answers kept, what failed asked for again, what was begun taken up again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.judging_model import VERDICT
from bench.judging_study import write_transcripts
from core.errors import Unusable
from judges.file import Counts
from server.commands.judge import JudgeWishes, judge
from server.commands.spending import Allowance
from tests.llm.fake_batches import FakeBatches, answers
from tests.llm.fake_openai import FakeOpenAI, completes

WISHES = JudgeWishes("empathy", ["openai:fake"], asks_by_batch=True)
TALKS = 4
TOKENS = 450
_DOLLAR = f"{{input: 0, cached_input: null, output: {1_000_000 / TOKENS}}}"
A_DOLLAR_EACH = f"""as_of: 2026-11-20
source: a test
models:
  openai:fake: {_DOLLAR}
  openai:other: {_DOLLAR}
"""


@pytest.fixture
async def batches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[FakeBatches]:
    """An address with a batch endpoint, and with nothing to say to single questions; four transcripts."""
    batches = FakeBatches(answers(VERDICT))
    fake = FakeOpenAI(batches.route)
    await fake.start()
    monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
    write_transcripts(tmp_path / "talks.jsonl", TALKS)
    yield batches
    await fake.stop()


async def judged(folder: Path) -> Counts:
    return (await judge(folder / "talks.jsonl", folder / "scores.jsonl", WISHES)).counts


async def stopped_while_waiting(batches: FakeBatches, folder: Path) -> None:
    """Judge until a batch is begun, and no further; by the next look it is finished."""
    batches.is_finished = False
    waiting = asyncio.create_task(judged(folder))
    async with asyncio.timeout(60):
        while not batches.batches:  # noqa: ASYNC110 - the batch begins at the server
            await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    batches.is_finished = True


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]


async def test_all_questions_go_up_in_one_file(batches: FakeBatches, tmp_path: Path) -> None:
    """Each line is a question with its schema; the rows are those of single calls."""
    counts = await judged(tmp_path)

    assert (counts.rated, counts.failed, counts.left_out) == (TALKS, 0, {})
    assert [row["id"] for row in rows(tmp_path)] == [f"talk-{number:06d}" for number in range(TALKS)]
    assert all(set(row["scores"].values()) == {1} for row in rows(tmp_path))
    assert list(batches.files) == ["file-0"]
    asked = batches.lines("file-0")
    assert len({line["custom_id"] for line in asked}) == TALKS
    assert {line["url"] for line in asked} == {"/v1/chat/completions"}
    assert {line["body"]["response_format"]["type"] for line in asked} == {"json_schema"}


async def test_a_line_that_failed_is_told_and_asked_for_again(batches: FakeBatches, tmp_path: Path) -> None:
    """It gets no row and its reason is told; the next run puts it, and it alone, into another file."""
    well = batches.answer

    def one_fails(line: dict[str, Any]) -> dict[str, Any]:
        is_last = line == batches.lines("file-0")[-1]
        return {"response": None, "error": {"message": "too long"}} if is_last else well(line)

    batches.answer = one_fails
    first = await judged(tmp_path)
    assert (first.rated, first.left_out) == (TALKS - 1, {"the batch did not answer: too long": 1})

    batches.answer = well
    second = await judged(tmp_path)
    assert (second.kept, second.rated, second.left_out) == (TALKS - 1, 1, {})
    assert len(batches.lines("file-1")) == 1


async def test_a_batch_that_was_begun_is_taken_up_again(batches: FakeBatches, tmp_path: Path) -> None:
    """Stopped while a batch runs, the next run waits for that one and uploads nothing."""
    await stopped_while_waiting(batches, tmp_path)

    counts = await judged(tmp_path)

    assert counts.rated == TALKS
    assert (len(batches.files), len(batches.batches)) == (1, 1)


async def test_a_batch_that_failed_as_a_whole_is_one_sentence(batches: FakeBatches, tmp_path: Path) -> None:
    """Its reason is told, nothing is stored, and the next run begins another."""
    state = batches._state

    def failed(id_: str) -> dict[str, Any]:
        errors = {"object": "list", "data": [{"message": "the file is too large"}]}
        return state(id_) | {"status": "failed", "output_file_id": None, "errors": errors}

    batches._state = failed  # type: ignore[method-assign]
    with pytest.raises(Unusable, match="the file is too large; the same command asks anew"):
        await judged(tmp_path)

    batches._state = state  # type: ignore[method-assign]
    assert (await judged(tmp_path)).rated == TALKS


async def test_two_judges_spend_one_cap_with_what_was_begun_before(
    batches: FakeBatches, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At a dollar an answer: of a cap of five a batch under way takes four, and leaves one question."""
    (tmp_path / "prices.yaml").write_text(A_DOLLAR_EACH)
    monkeypatch.setenv("LENDANEAR_PRICES", str(tmp_path / "prices.yaml"))
    batches.answer = answers(VERDICT, usage={"prompt_tokens": 1, "completion_tokens": TOKENS})
    await stopped_while_waiting(batches, tmp_path)
    both = replace(WISHES, models=["openai:fake", "openai:other"], allowance=Allowance(cap_usd=5.0))

    done = await judge(tmp_path / "talks.jsonl", tmp_path / "scores.jsonl", both)

    assert (done.counts.rated, done.counts.left_out) == (TALKS + 1, {"the cap of $5.00 is reached": TALKS - 1})
    assert [len(batches.lines(file)) for file in batches.files] == [TALKS, 1]


async def test_a_batch_that_is_gone_is_not_waited_for_again(batches: FakeBatches, tmp_path: Path) -> None:
    """An address that forgot the batch answers 404: said once, and the next run asks anew."""
    await stopped_while_waiting(batches, tmp_path)
    batches.batches.clear()

    with pytest.raises(Unusable, match=r"404.*; the same command asks anew"):
        await judged(tmp_path)

    assert (await judged(tmp_path)).rated == TALKS


async def test_without_a_batch_endpoint_it_goes_on_with_single_calls(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says so."""
    fake = FakeOpenAI()
    fake.plays(*[completes(VERDICT)] * TALKS)
    await fake.start()
    monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
    write_transcripts(tmp_path / "talks.jsonl", TALKS)

    counts = await judged(tmp_path)
    await fake.stop()

    assert counts.rated == len(fake.bodies) == TALKS
    assert f"{fake.base_url} has no batch endpoint: going on with single calls." in capsys.readouterr().err
