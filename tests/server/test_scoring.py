"""`score`: every conversation once, whoever is killed, within the rate and the cap, and on from where it was."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from dbos import WorkflowStatusString

from bench.judging_model import VERDICT, RateLimit
from bench.judging_study import SLUG, fill
from core.participant import ParticipantStatus
from judges.rubric import load_rubric
from server.commands.score import Scored, ScoreWishes, score
from server.commands.spending import Allowance
from server.ledger import DatabaseLedger
from server.scoring.jobs import OVER, QUEUED, RUNNING
from server.scoring.scorer import CannotGoOn, Scorer
from server.settings import Settings
from server.storage.database import Database
from server.storage.tables import ParticipantRow, ScoringRow
from server.times import now_ms
from tests.llm.fake_openai import FakeOpenAI, completes, status
from tests.server.conftest import new_database
from tests.server.forked import Forked
from tests.server.served import environment, rows

MODEL = "openai:fake"
CALL_TOKENS = 450
PRICE_LIST = f"""as_of: 2026-11-20
source: a test
models:
  {MODEL}: {{input: 0, cached_input: null, output: {1_000_000 / CALL_TOKENS}}}
"""
"""A dollar for each answer of the length that is expected."""
JUDGES = completes(VERDICT, usage={"prompt_tokens": 1, "completion_tokens": CALL_TOKENS})
EACH = "SELECT conversation_id, count(*) FROM score WHERE model <> 'rules:2' GROUP BY conversation_id"
DONE_S = 90.0


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[FakeOpenAI]:
    """A judge with a price list, which the settings name."""
    fake = FakeOpenAI()
    await fake.start()
    (tmp_path / "prices.yaml").write_text(PRICE_LIST)
    monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
    monkeypatch.setenv("LENDANEAR_PRICES", str(tmp_path / "prices.yaml"))
    yield fake
    await fake.stop()


def scores_of(database: str) -> Counter[str]:
    """How many scores by the model each conversation has."""
    return Counter(dict(rows(database, EACH)))


async def run(database: str, **wishes: Any) -> Scored:
    allowance = Allowance(cap_usd=wishes.pop("cap_usd", None), says_yes=True)
    asked = ScoreWishes(SLUG, rubric="empathy", model=MODEL, allowance=allowance, **wishes)
    return await score(Settings(database_url=database), asked)


async def test_a_cap_stops_it_and_a_higher_one_goes_on(fake: FakeOpenAI, tmp_path: Path) -> None:
    """At a dollar each, five conversations under a cap of two: two are asked about, then the other three."""
    database = f"sqlite:///{tmp_path / 'study.db'}"
    await fill(database, 5)
    fake.plays(*[JUDGES] * 5)

    first = await run(database, cap_usd=2.0)

    assert (first.done, first.total) == (2, 5)
    assert first.faults == [
        "Stopped: the cap of $2.00 is reached. $2.00 are spent: the same command goes on where it was with a "
        "higher --cap."
    ]
    assert len(fake.bodies) == 2

    second = await run(database, cap_usd=5.0)

    assert (second.done, second.faults) == (5, [])
    assert len(fake.bodies) == 5
    assert set(scores_of(database).values()) == {6}
    assert not any(name.endswith(".lock") for name in os.listdir(tmp_path))  # noqa: PTH208


async def test_a_cap_that_is_set_later_counts_once_what_was_spent_before(fake: FakeOpenAI, tmp_path: Path) -> None:
    """A worker that stays for two runs: a dollar without a cap, then two more under a cap of three.

    The second run alone knows the price of a call, and its last call does not say what it used. The same cap once more
    asks nobody.
    """
    database = Database(f"sqlite:///{tmp_path / 'study.db'}")
    await fill(database.url, 4)
    ledger = DatabaseLedger(database)
    scorer = Scorer(database, ledger, now=now_ms)
    fake.plays(JUDGES, JUDGES, *[completes(VERDICT, usage={})] * 2)

    await scorer.runs.begin(scoring_row())
    await scorer.score("run", "talk-000000", 1)
    await ledger.flush()
    await scorer.runs.begin(scoring_row(cap_usd=3.0, call_usd=1.0))
    for conversation in ("talk-000001", "talk-000002"):
        await scorer.score("run", conversation, 1)
    for _ in range(2):
        with pytest.raises(CannotGoOn, match=r"the cap of \$3\.00 is reached"):
            await scorer.score("run", "talk-000003", 1)
        await ledger.flush()
        assert await scorer.runs.spent("run") == 3.0
        await scorer.runs.begin(scoring_row(cap_usd=3.0, call_usd=1.0))

    assert len(fake.bodies) == 3
    await scorer.aclose()
    await database.close()


def scoring_row(**more: Any) -> ScoringRow:
    version = load_rubric("empathy").version
    row = {"id": "run", "slug": SLUG, "rubric": "empathy", "rubric_version": version, "model": MODEL, "repeats": 1}
    return ScoringRow(**row, began_at=0, **more)


async def test_one_odd_conversation_does_not_end_the_run(fake: FakeOpenAI, tmp_path: Path) -> None:
    """A conversation beyond the model's context is told and left for another time; the others are scored."""
    database = f"sqlite:///{tmp_path / 'study.db'}"
    await fill(database, 3)
    fake.plays(status(413, "too long"), JUDGES, JUDGES)

    done = await run(database)

    assert (done.done, done.total, len(fake.bodies)) == (2, 3, 3)
    assert done.faults == [
        "1 not judged: bad_request: the server answered 413: too long.",
        "The same command asks again.",
    ]


async def test_an_unknown_model_ends_it_at_once(fake: FakeOpenAI, tmp_path: Path) -> None:
    """What is not there for one conversation is not there for any."""
    database = f"sqlite:///{tmp_path / 'study.db'}"
    await fill(database, 1)
    fake.plays(status(404, "no such model"))

    assert (await run(database)).faults == [
        "Stopped: the server answered 404: no such model. The same command goes on where it was."
    ]


async def _judges_with_the_right_key(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    right = request.headers["Authorization"] == "Bearer right"
    return await (JUDGES if right else status(401, "no such key"))(request, body)


async def test_a_wrong_key_ends_it_at_once_and_stores_nothing(
    fake: FakeOpenAI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would meet every call is told once; with the key mended, every conversation is asked about."""
    database = f"sqlite:///{tmp_path / 'study.db'}"
    await fill(database, 3)
    fake.plays(*[_judges_with_the_right_key] * 6)
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")

    refused = await run(database)

    assert refused.done == 0
    assert any("no such key" in fault for fault in refused.faults)
    assert not scores_of(database)
    monkeypatch.setenv("OPENAI_API_KEY", "right")
    assert (await run(database)).done == 3


async def test_repeats_that_are_there_are_not_asked_again(fake: FakeOpenAI, tmp_path: Path) -> None:
    """Two conversations once, then three times each: four further questions; and then none."""
    database = f"sqlite:///{tmp_path / 'study.db'}"
    await fill(database, 2)
    fake.plays(*[JUDGES] * 6)

    for repeats, asked in ((1, 2), (3, 6), (3, 6)):
        done = await run(database, repeats=repeats)
        assert (done.done, done.faults, len(fake.bodies)) == (2 * repeats, [], asked)


async def test_only_what_is_asked_for_is_counted(fake: FakeOpenAI, tmp_path: Path) -> None:
    """Two conversations three times each; asked for once, after one of the two has withdrawn, it is one of one."""
    database = f"sqlite:///{tmp_path / 'study.db'}"
    await fill(database, 2)
    fake.plays(*[JUDGES] * 6)
    await run(database, repeats=3)
    opened = Database(database)
    async with opened.writing() as session:
        (await session.get_one(ParticipantRow, "person-000000")).status = ParticipantStatus.WITHDRAWN.value
    await opened.close()

    done = await run(database)

    assert (done.done, done.total, len(fake.bodies)) == (1, 1, 6)


def test_every_state_of_a_job_is_under_way_or_over() -> None:
    """What dbos has given up is over, too, and is queued anew by the next run; nothing here is put off."""
    assert {QUEUED, RUNNING, *OVER, "DELAYED"} == {state.value for state in WorkflowStatusString}


@pytest.mark.postgres
async def test_two_workers_share_the_rate_and_one_may_be_killed(
    postgres: str, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """A model that lets 20 calls through in any second: every conversation has six scores in the end."""
    database = new_database(postgres)
    conversations, rate = 60, 20
    await fill(database, conversations)
    limit = RateLimit(rate)

    async def judges(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        if limit.lets(now):
            return await JUDGES(request, body)
        later = {"retry-after-ms": f"{limit.wait_s(now) * 1000:.0f}"}
        return await status(429, "too many requests", headers=later)(request, body)

    fake.plays(*[judges] * 5000)
    with ExitStack() as stack:
        workers = []
        for name in ("first", "second"):
            workers.append(worker := _start(f"worker --database {database}", tmp_path / f"{name}.log"))
            stack.callback(worker.wait)
            stack.callback(worker.kill)
            await _until(lambda: "works on jobs" in (tmp_path / f"{name}.log").read_text())  # noqa: B023
        asked = f"score {SLUG} --model {MODEL} --rate {rate} --no-work --yes --database {database}"
        scoring = _start(asked, tmp_path / "score.log")
        await _until(lambda: len(scores_of(database)) >= conversations / 4)
        workers[0].kill()
        await _until(lambda: scoring.poll() is not None)

    assert scoring.wait() == 0, (tmp_path / "score.log").read_text()
    assert len(scores_of(database)) == conversations
    assert set(scores_of(database).values()) == {6}


def _start(arguments: str, log: Path) -> Forked:
    log.touch()
    return Forked(arguments.split(), log=log, env=environment(1))


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(DONE_S):
        while not await asyncio.to_thread(is_so):  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.2)
