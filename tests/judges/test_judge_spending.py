"""Commands under a cap: they stop before it is passed, lose nothing, and go on with a higher one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.judging_model import VERDICT
from bench.judging_study import write_transcripts
from core.errors import Unusable
from server.commands.assessments import AssessmentWishes, assessments
from server.commands.compare import CompareWishes, compare
from server.commands.judge import JudgeWishes, audit, judge
from server.commands.spending import Allowance
from tests.llm.fake_openai import FakeOpenAI, completes, says

TOKENS = 450
A_DOLLAR_EACH = f"""as_of: 2026-11-20
source: a test
models:
  openai:fake: {{input: 0, cached_input: null, output: {1_000_000 / TOKENS}}}
  openai:letters: {{input: 0, cached_input: null, output: 1_000_000}}
"""
RATES = completes(VERDICT, usage={"prompt_tokens": 1, "completion_tokens": TOKENS})


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[FakeOpenAI]:
    """A judge at a dollar a call."""
    fake = FakeOpenAI()
    await fake.start()
    (tmp_path / "prices.yaml").write_text(A_DOLLAR_EACH)
    monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
    monkeypatch.setenv("LENDANEAR_PRICES", str(tmp_path / "prices.yaml"))
    yield fake
    await fake.stop()


def ids(out: Path) -> list[str]:
    return [json.loads(line)["id"] for line in out.read_text().splitlines()]


async def test_judge_goes_on_where_the_cap_has_stopped_it(
    fake: FakeOpenAI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five transcripts at a dollar each under a cap of two, then without: the forecast is told, five calls in all."""
    source, out = tmp_path / "talks.jsonl", tmp_path / "scores.jsonl"
    write_transcripts(source, 5)
    fake.plays(*[RATES] * 5)

    capped = await judge(source, out, JudgeWishes("empathy", ["openai:fake"], allowance=Allowance(cap_usd=2.0)))

    told = capsys.readouterr().err
    assert "openai:fake: 5 calls" in told
    assert "about $5.00 by prices of 2026-11-20" in told
    assert "will probably stop it" in told
    assert (capped.counts.rated, capped.counts.left_out) == (2, {"the cap of $2.00 is reached": 3})
    assert len(ids(out)) == len(fake.bodies) == 2

    whole = await judge(source, out, JudgeWishes("empathy", ["openai:fake"]))

    assert (whole.counts.kept, whole.counts.rated, whole.counts.left_out) == (2, 3, {})
    assert ids(out) == [f"talk-{number:06d}" for number in range(5)]
    assert len(fake.bodies) == 5


async def test_a_judge_that_rambles_is_asked_no_further_than_the_cap(fake: FakeOpenAI, tmp_path: Path) -> None:
    """Prose at a reported dollar a call: stepping down to other forms counts as the calls that it takes."""
    source, out = tmp_path / "talks.jsonl", tmp_path / "scores.jsonl"
    write_transcripts(source, 1)
    fake.plays(*[completes("Well done.", usage={"cost": 1.0})] * 12)

    capped = await judge(source, out, JudgeWishes("empathy", ["openai:fake"], allowance=Allowance(cap_usd=2.0)))

    assert capped.counts.left_out == {"the cap of $2.00 is reached": 1}
    assert len(fake.bodies) == 2


async def test_a_cap_on_an_unknown_price_or_below_one_call_is_refused(fake: FakeOpenAI, tmp_path: Path) -> None:
    """What cannot be counted cannot be capped, and the same command would never go on."""
    write_transcripts(tmp_path / "talks.jsonl", 1)
    wishes = JudgeWishes("empathy", ["openai:homemade"], allowance=Allowance(cap_usd=2.0))
    too_little = JudgeWishes("empathy", ["openai:fake"], allowance=Allowance(cap_usd=0.015))

    with pytest.raises(Unusable, match="no price is listed for openai:homemade"):
        await judge(tmp_path / "talks.jsonl", tmp_path / "scores.jsonl", wishes)
    with pytest.raises(Unusable, match=r"one call of openai:fake costs about \$1\.00, more than \$0\.015"):
        await judge(tmp_path / "talks.jsonl", tmp_path / "scores.jsonl", too_little)

    assert not fake.bodies


async def test_compare_stops_at_the_cap_and_goes_on(fake: FakeOpenAI, tmp_path: Path) -> None:
    """Five pairs are ten questions; what a cap of seven has left is asked by the same command without one."""
    source, out = tmp_path / "talks.jsonl", tmp_path / "pairs.csv"
    write_transcripts(source, 10)
    fake.plays(*[says("A", usage=True)] * 50)
    capped = CompareWishes(1, model="openai:letters", allowance=Allowance(cap_usd=7.0))

    with pytest.raises(
        Unusable,
        match=r"of 5 comparisons are in .*The same command goes on where it was, and may spend as much again\.",
    ):
        await compare(source, out, capped)

    assert len(fake.bodies) <= 7
    done = await compare(source, out, CompareWishes(1, model="openai:letters"))
    assert done.figures["comparisons"] == 5
    assert len(fake.bodies) == 10


async def test_an_audit_keeps_to_the_cap_and_makes_no_table_of_what_is_left(
    fake: FakeOpenAI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One transcript under nine variants at a dollar each: the forecast is told, and what a cap of two has left is
    asked by the same command without one."""
    source, out = tmp_path / "talks.jsonl", tmp_path / "audit.jsonl"
    write_transcripts(source, 1)
    fake.plays(*[RATES] * 9)

    with pytest.raises(Unusable, match=r"the cap of \$2\.00 is reached: an audit needs every answer"):
        await audit(source, out, JudgeWishes("empathy", ["openai:fake"], allowance=Allowance(cap_usd=2.0)))

    assert "openai:fake: 9 calls" in capsys.readouterr().err
    assert (ids(out), len(fake.bodies)) == ([], 2)

    table = await audit(source, out, JudgeWishes("empathy", ["openai:fake"]))

    assert "openai:fake: 7 calls" in capsys.readouterr().err
    assert (len(ids(out)), len(fake.bodies)) == (9, 9)
    assert "| judge praised | +0.00, 0% moved |" in table


async def test_examples_stop_at_the_cap_and_are_made_of_what_was_paid_for(
    fake: FakeOpenAI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five scored replies, a third of a dollar for words to each: a cap of one dollar pays three and makes no file;
    without it the forecast and the model hear of two more."""
    source, out = tmp_path / "cases.jsonl", tmp_path / "examples.jsonl"
    source.write_text("".join(json.dumps(scored(number)) + "\n" for number in range(5)), encoding="utf-8")
    words = json.dumps({"comment": "Sees the effort.", "suggestion": "Name the feeling."})
    fake.plays(*[completes(words, usage={"prompt_tokens": 1, "completion_tokens": TOKENS // 3})] * 5)

    with pytest.raises(Unusable, match=r"the cap of \$1\.00 is reached: what was answered is kept\. The same command"):
        await assessments(source, out, AssessmentWishes("openai:fake", allowance=Allowance(cap_usd=1.0)))

    assert "openai:fake: 5 calls" in capsys.readouterr().err
    assert (out.exists(), len(fake.bodies)) == (False, 3)
    done = await assessments(source, out, AssessmentWishes("openai:fake"))
    assert "openai:fake: 2 calls" in capsys.readouterr().err
    assert (done.rows, done.missing, len(fake.bodies)) == (5, 0, 5)


def scored(number: int) -> dict[str, object]:
    """A case with a reply that an expert has scored."""
    said = [{"role": "seeker", "text": "I failed."}, {"role": "supporter", "text": f"You tried {number} times."}]
    return {"id": str(number), "messages": said, "ratings": {"expert": {"helpfulness": 4}}}
