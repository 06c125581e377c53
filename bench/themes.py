"""The grid of autoencoders on vectors as large as the paper's, beside two libraries that do the like, in one run.

`python -m bench.themes` makes 29,520 vectors of 3,072 numbers with 128 planted themes and trains 16 to 256 features
with each contender, one process at a time on all cores; `bench/themes_setup.sh` installs hypothesaes beforehand.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.machine import load_average, machine

ROOT = Path(__file__).parents[1]
GRID = (16, 32, 64, 128, 256)
PLANTED = 128
GOAL_MIB = 2048
NAMES = {
    "lendanear": "lendanear (with codes and silhouettes)",
    "hypothesaes": "hypothesaes",
    "dictionary": "scikit-learn MiniBatchDictionaryLearning",
}


@dataclass
class Taken:
    """What one contender took, size by size, and why it took no more."""

    contender: str
    passes: float
    sizes: list[dict[str, Any]] = field(default_factory=list)
    stopped: str = ""

    def total(self, what: str) -> float:
        return float(sum(size[what] for size in self.sizes))

    @property
    def peak_mib(self) -> float:
        return float(max((size["peak_mib"] for size in self.sizes), default=0.0))


def make_vectors(path: Path, *, rows: int, dimensions: int) -> None:
    """A file of unit vectors: what all share, a strong theme, a weak theme and noise; made block by block."""
    rng = np.random.default_rng(1)
    directions = _unit(rng.standard_normal((PLANTED, dimensions), dtype=np.float32))
    common = 0.6 * _unit(rng.standard_normal((1, dimensions), dtype=np.float32))
    vectors = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, dimensions))
    for start in range(0, rows, 4096):
        n = min(4096, rows - start)
        strong, weak = rng.uniform(0.5, 1, (n, 1)), rng.uniform(0.3, 0.6, (n, 1))
        noise = 0.7 * rng.standard_normal((n, dimensions), dtype=np.float32) / np.sqrt(dimensions)
        first, second = rng.integers(0, PLANTED, (2, n))
        vectors[start : start + n] = _unit(common + strong * directions[first] + weak * directions[second] + noise)
    vectors.flush()


def run(contender: str, path: Path, *, sizes: Sequence[int], passes: float, limit_s: float) -> Taken:
    """Let a contender fit all sizes; what it has not done after `limit_s` seconds it has not done."""
    taken = Taken(contender, passes)
    python = python_of(contender)
    if python is None:
        taken.stopped = "not installed: run bench/themes_setup.sh"
        return taken
    program = [python, "-P", str(ROOT / "bench" / "theme_fit.py"), contender, str(path)]
    options = ["--passes", str(passes), "--sizes", *map(str, sizes)]
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen([*program, *options], stdout=said, env={**os.environ, "PYTHONPATH": str(ROOT)})  # noqa: S603
        try:
            if running.wait(timeout=limit_s):
                taken.stopped = f"failed with {running.returncode}"
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            taken.stopped = f"stopped after {limit_s:.0f} s"
        said.seek(0)
        taken.sizes = [json.loads(line) for line in said if line.startswith("{") and line.endswith("}\n")]
    return taken


def python_of(contender: str) -> str | None:
    """The Python that has the contender; None where it is not installed."""
    if contender != "hypothesaes":
        return sys.executable
    folder = Path(os.environ.get("BENCH_CONTENDERS", ROOT / "bench" / ".contenders"))
    python = folder / "hypothesaes" / "bin" / "python"
    return str(python) if python.exists() else None


def report(asked: argparse.Namespace, taken: Sequence[Taken], loads: tuple[float, float]) -> str:
    """The run as a page."""
    ours = next(one for one in taken if one.contender == "lendanear")
    said = [
        "# Themes beside other libraries",
        "",
        f"Taken {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {asked.rows:,} vectors of {asked.dimensions:,} numbers "
        f"(float32) with {PLANTED} planted themes, two features per vector.",
        "",
        "Machine: " + ", ".join(f"{name} {value}" for name, value in machine(ROOT).items()) + ".",
        f"Load average before {loads[0]}, after {loads[1]}.",
        "Versions: "
        + ", ".join(
            f"{name} {v}" for one in taken for name, v in (one.sizes[0]["versions"] if one.sizes else {}).items()
        )
        + ".",
        "",
        "| contender | passes | "
        + " | ".join(f"M = {size}" for size in asked.sizes)
        + " | seconds | CPU s | peak MiB |",
        "|---|---|" + "---|" * (len(asked.sizes) + 3),
    ]
    for one in taken:
        by_size = {size["features"]: size for size in one.sizes}
        cells = [_cell(by_size.get(size)) for size in asked.sizes]
        total = f"{one.total('seconds'):.1f}" + (f" ({one.stopped})" if one.stopped else "")
        said.append(
            f"| {NAMES[one.contender]} | {one.passes:g} | {' | '.join(cells)} | {total} | {one.total('cpu_s'):.1f} | "
            f"{one.peak_mib:.0f} |"
        )
    chosen = max(ours.sizes, key=lambda size: size["silhouette"], default=None)
    said += [
        "",
        "Cells: seconds, and the share of the variance that two features rebuild. Contenders are timed for training "
        "alone; ours also codes every vector and computes two silhouettes per size.",
        "",
        *([f"Chosen by silhouette: M = {chosen['features']} (planted: {PLANTED})."] if chosen else []),
        *(_verdict(ours, other) for other in taken if other is not ours and other.sizes),
        *([_memory(ours)] if ours.sizes else []),
    ]
    return "\n".join(said) + "\n"


def _verdict(ours: Taken, other: Taken) -> str:
    """How many times as long the other took on the sizes that both did."""
    shared = {size["features"] for size in other.sizes}
    mine = sum(size["seconds"] for size in ours.sizes if size["features"] in shared)
    if not mine:
        return f"{NAMES[other.contender]}: no size in common."
    times = other.total("seconds") / mine
    return f"{NAMES[other.contender]}: {times:.1f} times our time on M = {', '.join(map(str, sorted(shared)))}."


def _memory(ours: Taken) -> str:
    reached = "reached" if ours.peak_mib < GOAL_MIB else "**missed**"
    return f"Memory of ours, with what it has read of the file: {ours.peak_mib:.0f} MiB, goal {GOAL_MIB}: {reached}."


def _cell(size: dict[str, Any] | None) -> str:
    return "–" if size is None else f"{size['seconds']:.1f} s, {100 * size['explained']:.1f} %"


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.themes", description=__doc__)
    options.add_argument("--rows", type=int, default=29_520)
    options.add_argument("--dimensions", type=int, default=3_072)
    options.add_argument("--sizes", type=int, nargs="+", default=GRID)
    options.add_argument("--passes", type=float, default=16, help="over the vectors, for the autoencoders")
    options.add_argument("--dictionary-passes", type=float, default=1, help="for the slowest contender")
    options.add_argument("--limit", type=float, default=240, help="seconds for each contender")
    options.add_argument("--out", type=Path, default=ROOT / "bench" / "results")
    options.add_argument("--name", default="themes")
    asked = options.parse_args()
    before = load_average()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npy"
        make_vectors(path, rows=asked.rows, dimensions=asked.dimensions)
        taken = []
        for contender in NAMES:
            print(f"{NAMES[contender]} …", file=sys.stderr, flush=True)
            passes = asked.dictionary_passes if contender == "dictionary" else asked.passes
            taken.append(run(contender, path, sizes=asked.sizes, passes=passes, limit_s=asked.limit))
    page = report(asked, taken, (before, load_average()))
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / f"{asked.name}.md").write_text(page, encoding="utf-8")
    plain = {one.contender: {"passes": one.passes, "sizes": one.sizes, "stopped": one.stopped} for one in taken}
    (asked.out / f"{asked.name}.json").write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
