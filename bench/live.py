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
from bench.measure import measure, tell
from bench.plan import PARTS, PERIOD_S, Plan
from bench.processes import cores
from bench.report import Report
from bench.runs import cores_told
from bench.variants import Kind, stage

RESULTS = Path(__file__).parent / "results"
OWN = "floor,sqlite,postgresql"
USUAL = "load,memory,store"


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--everything", action="store_true", help="all parts, and Chainlit and oTree in the search")
    parser.add_argument("--minutes", type=float, default=25.0, help="that --everything may take")
    parser.add_argument("--chats", help="chats at once, one load for each number (50,150)")
    parser.add_argument("--seconds", type=float, default=90.0, help="of measuring, for each variant and load")
    parser.add_argument("--rounds", type=int, default=6, help="in which the variants take turns")
    parser.add_argument("--period", type=float, default=PERIOD_S, help="seconds between two turns of a chat")
    parser.add_argument("--tokens", type=int, default=REPLY_TOKENS, help="of a reply")
    parser.add_argument("--variants", help=f"of {','.join(Kind)} ({OWN})")
    parser.add_argument("--parts", help=f"which of {', '.join(PARTS)} to measure ({USUAL})")
    parser.add_argument("--capacity", action="store_true", help="search the chats per core, and nothing else")
    parser.add_argument("--from", dest="start", type=int, default=0, help="chats that the search begins with")
    parser.add_argument("--no-scouts", action="store_true", help="search with full probes alone, from --from")
    parser.add_argument("--full", default="60,1000", help="seconds and turns that a probe of the search needs to count")
    parser.add_argument("--quick", action="store_true", help="a few seconds of everything, to see that it runs")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--name", help="of the result files; by default the time")
    return parser


def plan_of(chosen: argparse.Namespace) -> Plan:
    """What to measure; `--quick` is as short as it can be and still show every number."""
    everywhere = ",".join(Kind) if chosen.everything else OWN
    parts = "capacity" if chosen.capacity else ",".join(PARTS) if chosen.everything else USUAL
    seconds, turns = chosen.full.split(",")
    plan = Plan(
        kinds=tuple(Kind(name) for name in (chosen.variants or everywhere).split(",")),
        parts=tuple((chosen.parts or parts).split(",")),
        chats=tuple(int(n) for n in (chosen.chats or ("150" if chosen.everything else "50,150")).split(",")),
        seconds=chosen.seconds,
        rounds=chosen.rounds,
        period_s=chosen.period,
        contenders_only_in_search=chosen.everything,
        search_from=chosen.start,
        scouts=not chosen.no_scouts,
        full_s=float(seconds),
        full_turns=int(turns),
        minutes=chosen.minutes if chosen.everything else float("inf"),
    )
    return plan.in_short() if chosen.quick else plan


def run(chosen: argparse.Namespace, *, command: str) -> Report:
    """Measure what was chosen, and report it."""
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
        try:
            measure(report, place, plan)
        except KeyboardInterrupt:
            tell("interrupted: what was measured so far is kept")
            report.not_measured["the rest"] = "interrupted"
    report.load_average = (report.load_average[0], load_average())
    return report


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
    return 1 if report.errors or report.not_measured else 0


if __name__ == "__main__":
    sys.exit(main())
