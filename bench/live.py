"""The report on the live path: `python -m bench.live`, beside a bare relay, on SQLite and on PostgreSQL, in one run."""

from __future__ import annotations

import argparse
import resource
import shlex
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.fake_model import REPLY_TOKENS, Pace
from bench.machine import load_average, machine, versions
from bench.processes import cores
from bench.report import Report
from bench.runs import PERIOD_S, Plan, alternate, cores_told, measure_memory, measure_store, search_capacity
from bench.variants import Kind, Stage, stage

RESULTS = Path(__file__).parent / "results"
PARTS = ("load", "memory", "store")


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--chats", default="50,150", help="chats at once, one load for each number")
    parser.add_argument("--seconds", type=float, default=60.0, help="of measuring, for each variant and load")
    parser.add_argument("--rounds", type=int, default=3, help="in which the variants take turns")
    parser.add_argument("--period", type=float, default=PERIOD_S, help="seconds between two turns of a chat")
    parser.add_argument("--tokens", type=int, default=REPLY_TOKENS, help="of a reply")
    parser.add_argument("--variants", default="floor,sqlite,postgresql")
    parser.add_argument("--parts", default=",".join(PARTS), help="which of load, memory and store to measure")
    parser.add_argument("--capacity", action="store_true", help="search the chats per core instead")
    parser.add_argument("--from", dest="start", type=int, default=250, help="chats that the search begins with")
    parser.add_argument("--quick", action="store_true", help="a few seconds of everything, to see that it runs")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--name", help="of the result files; by default the time")
    return parser


def plan_of(chosen: argparse.Namespace) -> Plan:
    """What to measure; `--quick` is as short as it can be and still show every number."""
    if chosen.quick:
        return Plan(chats=(5,), seconds=3.0, rounds=1, period_s=1.5, memory_chats=10, store_s=0.5, warm_s=0.5)
    chats = tuple(int(number) for number in chosen.chats.split(","))
    return Plan(chats=chats, seconds=chosen.seconds, rounds=chosen.rounds, period_s=chosen.period)


def run(chosen: argparse.Namespace, *, command: str) -> Report:
    """Measure what was chosen, and report it."""
    kinds = tuple(Kind(name) for name in chosen.variants.split(","))
    plan, pace = plan_of(chosen), Pace(tokens=10 if chosen.quick else chosen.tokens)
    with tempfile.TemporaryDirectory(prefix="bench_") as folder, stage(Path(folder), cores(), pace) as place:
        report = Report(
            command=command,
            taken_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            machine=machine(Path(folder)),
            versions=versions(),
            model={
                "first_token_s": pace.first_token_s,
                "tokens_per_s": pace.tokens_per_s,
                "tokens": pace.tokens,
                "period_s": plan.period_s,
            },
            cores=cores_told(place.cores),
            load_average=(load_average(), 0.0),
        )
        _measure(report, place, kinds, plan, chosen)
    report.load_average = (report.load_average[0], load_average())
    return report


def _measure(report: Report, place: Stage, kinds: Sequence[Kind], plan: Plan, chosen: argparse.Namespace) -> None:
    if chosen.capacity:
        for kind in kinds:
            seconds = chosen.seconds
            report.capacity[kind] = search_capacity(place, kind, tell, start=chosen.start, seconds=seconds)
        return
    parts = chosen.parts.split(",")
    if "load" in parts:
        report.loads = alternate(place, kinds, plan, tell)
    if "memory" in parts:
        report.memory = measure_memory(place, kinds, plan, tell)
    if "store" in parts:
        report.store = measure_store(place, kinds, plan, tell)


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def without_places(given: Sequence[str]) -> list[str]:
    """The options without the folder of the results: it names a place on this machine and changes no figure."""
    return [
        one
        for before, one in zip(["", *given], given, strict=False)
        if before != "--results" and not one.startswith("--results")
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the report and keep it; 1 when anything went wrong in it."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    chosen = options().parse_args(given)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    report = run(chosen, command=shlex.join(["python", "-m", "bench.live", *without_places(given)]))
    name = chosen.name or f"{'capacity' if chosen.capacity else 'live'}_{datetime.now(UTC):%Y%m%d_%H%M}"
    report.write(chosen.results, name=name)
    print(report.markdown())
    return 1 if report.errors else 0


if __name__ == "__main__":
    sys.exit(main())
