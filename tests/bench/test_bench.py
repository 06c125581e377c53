"""The bench runs, and its figures say what they claim to say. How fast anything is, no test asks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import orjson
import pytest

from bench import live
from bench.fake_model import FEWEST_TOKENS, MOST_TOKENS, Pace, reply_tokens
from bench.figures import Spread, figures, percentile, ratio_per_token
from bench.load import Measured
from bench.measure import measure
from bench.processes import Running, cores, cpu_s, start
from bench.report import Report
from bench.variants import Stage
from core.sentences import sentences
from llm.chunks import CompletionReader
from llm.sse import EventReader
from personas.bank import load_bank
from personas.role_check import check_sentence

QUICK = Pace(tokens=12, first_token_s=0.05, tokens_per_s=200)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Running]:
    """A fake model in a process of its own."""
    options = ("--tokens", "12", "--first-token-s", "0.05", "--tokens-per-s", "200")
    running = start("bench.fake_model", *options, on=cores().measuring, log=tmp_path / "log")
    yield running
    running.stop()


def report_of(*options: str, folder: Path) -> Report:
    """What a quick run finds."""
    chosen = live.options().parse_args(["--quick", "--results", str(folder), *options])
    return live.run(chosen, command="python -m bench.live --quick")


def check_load(report: Report, *variants: str) -> None:
    """Every variant answered every turn rightly, and has every number."""
    assert report.errors == {}
    by_kind = report.loads[5]
    assert [kind.value for kind in by_kind] == list(variants)
    for kind, found in by_kind.items():
        assert found.turns > 0 and found.tokens > 0
        assert found.cpu_ms_per_turn is not None and found.cpu_us_per_token is not None
        assert None not in (found.added.p50, found.added.p99, found.direct.p99, found.late.p99)
        assert (found.ack.p50 is None) == (kind.value == "floor")


def test_a_quick_run_reports_every_number_and_no_error(tmp_path: Path) -> None:
    """Floor and server on SQLite answer every turn with the model's words; the page and the JSON are written."""
    report = report_of("--variants", "floor,sqlite", "--parts", "load,store", folder=tmp_path)

    check_load(report, "floor", "sqlite")
    stored = next(iter(report.store.values()))
    assert stored.found == stored.acknowledged > 0
    assert stored.settings["journal_mode"] == "wal" and stored.settings["synchronous"] == "2"

    page = report.write(tmp_path, name="quick").read_text()
    kept = orjson.loads((tmp_path / "quick.json").read_bytes())
    assert "server on SQLite" in page and "Errors: none" in page
    assert kept["ratios_to_floor"]["5"]["floor"]["overall"] == 1
    for text in (page, (tmp_path / "quick.json").read_text()):
        assert str(tmp_path) not in text and os.uname().nodename not in text


@pytest.mark.postgres
def test_a_quick_run_measures_postgresql_too(tmp_path: Path) -> None:
    """The server on PostgreSQL answers every turn, its database commits for good, and memory is told."""
    report = report_of("--variants", "postgresql", folder=tmp_path)

    check_load(report, "postgresql")
    assert next(iter(report.store.values())).settings["fsync"] == "on"
    assert next(iter(report.memory.values())).base_mib > 0


def test_a_contender_that_fails_takes_nothing_with_it(
    model: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are missing here: the report says so for each, and how to get them, and stands."""
    monkeypatch.setenv("BENCH_CONTENDERS", str(tmp_path / "none"))
    plan = live.plan_of(live.options().parse_args(["--capacity", "--variants", "chainlit,otree"]))
    report = Report("", "", {}, {}, {"first_token_s": 0, "tokens_per_s": 0, "tokens": 0, "period_s": 0}, "", (0, 0))

    measure(report, Stage(tmp_path, cores(), QUICK, model), plan)

    assert list(report.not_measured) == ["capacity, chainlit", "capacity, otree"]
    assert all("setup.sh" in why for why in report.not_measured.values())
    assert report.errors == {} and "Not measured: capacity, otree" in report.markdown()


@pytest.mark.parametrize("count", [FEWEST_TOKENS, 10, 40, MOST_TOKENS])
def test_the_models_reply_is_one_that_a_seeker_may_give(count: int) -> None:
    """It has exactly as many tokens as asked for, and no check of the seeker finds anything to mend in it."""
    tokens = reply_tokens(count)

    said = sentences("".join(tokens))
    assert len(tokens) == count
    assert len(said) == 2
    assert not [breaks for p in load_bank().values() for one in said if (breaks := check_sentence(one, persona=p))]


async def test_the_model_streams_at_its_pace_and_ends_with_usage(model: Running) -> None:
    """Our own reader takes its stream as a whole completion; the first token comes no sooner than promised."""
    body = {"model": "fake", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    address = f"http://127.0.0.1:{model.port}/v1/chat/completions"
    async with aiohttp.ClientSession() as http:
        for _ in range(2):  # one connection, one request after another
            events, completion, began, first_s = EventReader(), CompletionReader(), time.perf_counter(), None
            pieces: list[str] = []
            async with http.post(address, json=body) as answer:
                async for packet in answer.content.iter_any():
                    pieces += [text for event in events.feed(packet) if (text := completion.take(event))]
                    first_s = first_s or time.perf_counter() - began
            completion.check()

            assert pieces == reply_tokens(12)
            assert completion.is_done and completion.usage is not None and completion.usage.completion_tokens == 12
            assert first_s is not None and first_s >= 0.045


async def test_the_model_answers_many_at_once(model: Running) -> None:
    """Fifty callers, each with the whole reply."""
    address = f"http://127.0.0.1:{model.port}/v1/chat/completions"
    async with aiohttp.ClientSession() as http:

        async def ask() -> int:
            async with http.post(address, json={"stream": True}) as answer:
                return (await answer.text()).count('"content"')

        counts = await asyncio.gather(*(ask() for _ in range(50)))

    assert counts == [13] * 50  # twelve tokens, and the empty piece that opens the reply


def test_the_command_in_a_report_names_no_folder() -> None:
    """Where results were written is nobody's business; everything else stands."""
    assert live.without_places(["--quick", "--results", "/home/me", "--results=/x", "--name", "n"]) == [
        "--quick",
        "--name",
        "n",
    ]


def test_a_long_answer_arrives_whole() -> None:
    """Ten megabytes through a pipe whose reader is slow, from a Python that does not buffer."""
    code = "from bench.processes import print_whole; print_whole(bytes(10_000_000))"
    with subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE) as printing:  # noqa: S603 - our own command
        time.sleep(0.2)
        assert printing.stdout is not None and len(printing.stdout.read()) == 10_000_000


def test_percentiles_are_values_that_occurred() -> None:
    """By hand: of 1 to 100 the 50th, 95th and 99th; of nothing, nothing."""
    assert [percentile(range(1, 101), part) for part in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert percentile([7.0], 0.99) == 7.0
    assert Spread.of([]) == Spread(None, None, None)


def test_added_time_is_taken_against_the_direct_call_of_the_same_round() -> None:
    """A round in which everything, the model too, was 100 ms slower adds no more than the other."""
    quiet = Measured(seconds=1, turns=2, tokens=80, first_ms=[310, 310], direct_ms=[300, 300, 302], cpu_s=0.008)
    busy = Measured(seconds=1, turns=2, tokens=80, first_ms=[412, 412], direct_ms=[400, 400], cpu_s=0.024)

    found = figures([quiet, busy])

    assert (found.added.p50, found.added.p99) == (10, 12)
    assert found.cpu_us_per_token == pytest.approx(0.032 / 160 * 1e6)
    assert found.cpu_ms_per_turn == pytest.approx(8.0)


def test_ratios_pair_the_rounds() -> None:
    """Twice the floor in one round and three times in the other: both are told beside the ratio of the sums."""
    floor = figures([Measured(tokens=100, cpu_s=0.01), Measured(tokens=100, cpu_s=0.02)])
    own = figures([Measured(tokens=100, cpu_s=0.02, database_cpu_s=0.01), Measured(tokens=100, cpu_s=0.04)])

    ratio = ratio_per_token(own, floor)

    assert ratio is not None
    assert (ratio.overall, ratio.least, ratio.most) == pytest.approx((0.07 / 0.03, 2, 3))
    assert ratio_per_token(own, figures([Measured(), Measured()])) is None


def test_processor_time_counts_the_work_that_was_done() -> None:
    """Half a second of computing shows as about that, whatever else the machine does."""
    before, until = cpu_s([os.getpid()]), time.process_time() + 0.5
    while time.process_time() < until:
        pass

    assert cpu_s([os.getpid()]) - before == pytest.approx(0.5, abs=0.3)
