"""A power curve: blocks of simulated studies over all cores, each with its own seed, kept as soon as it is done."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from analysis.power.assumptions import Assumptions, check_plausible, with_reliability
from analysis.power.studies import fitted, simulated
from core.errors import Unusable

BLOCK = 50
"""Studies simulated together: large enough to be fast, small enough to be stopped."""
_AT: Mapping[str, Callable[[Assumptions, float], Assumptions]] = {
    "participants": lambda assumptions, value: replace(assumptions, participants=int(value)),
    "reliability": with_reliability,
    "judge_noise": lambda assumptions, value: replace(assumptions, judge_noise=value),
    "dropout": lambda assumptions, value: replace(assumptions, dropout=value),
}
"""What a curve may run over, and how a value on it is put into the assumptions."""
Found = Mapping[str, Mapping[str, Sequence[float]]]
"""measure -> treatment -> significant studies, sum of the estimates, sum of their standard errors."""


@dataclass(frozen=True, slots=True)
class Power:
    """One effect at one point of the curve: its power with a Wilson interval, and what is estimated on average."""

    at: float
    measure: str
    treatment: str
    effect: float | None
    """Points added to the mean score; None for `overall`, which has no effect of its own."""
    power: float
    ci_low: float
    ci_high: float
    studies: int
    mean_estimate: float
    mean_se: float


def points(assumptions: Assumptions, *, over: str, values: Sequence[float]) -> list[tuple[float, Assumptions]]:
    """(value, assumptions with it) along one axis; raises `Unusable` for an unknown axis or what no study can have."""
    if over not in _AT:
        raise Unusable(f"a curve runs over {', '.join(_AT)}, not {over}")
    found = []
    for value in sorted(set(values)):
        changed = _AT[over](assumptions, value)
        check_plausible(changed)
        found.append((value, changed))
    return found


def power_curve(
    along: Sequence[tuple[float, Assumptions]],
    *,
    simulations: int,
    seed: int,
    kept: Path,
    threads: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Power]:
    """The power at every point, from `simulations` studies each, rounded up to whole blocks.

    Blocks found in `kept` are not simulated again, and each finished one is added to it, so that a stopped run goes on
    where it was. The numbers depend on the seed alone, not on the number of threads or on interruptions; threads use
    all cores, as numpy holds no lock while it draws and calculates.
    """
    blocks = [
        _Block(_key(assumptions, seed), index, assumptions, seed)
        for _, assumptions in along
        for index in range(-(-simulations // BLOCK))
    ]
    done = _read(kept)
    todo = list({block.name: block for block in blocks if block.name not in done}.values())
    progress(len(blocks) - len(todo), len(blocks))
    with kept.open("a", encoding="utf-8") as file:
        for count, (block, found) in enumerate(_run(todo, threads or os.cpu_count() or 1), start=1):
            done[block.name] = found
            file.write(json.dumps({"block": block.name, "found": found}) + "\n")
            file.flush()
            progress(len(blocks) - len(todo) + count, len(blocks))
    return [
        power
        for value, assumptions in along
        for power in _powers(value, assumptions, [done[b.name] for b in blocks if b.assumptions is assumptions])
    ]


@dataclass(frozen=True, slots=True)
class _Block:
    key: str
    index: int
    assumptions: Assumptions
    seed: int

    @property
    def name(self) -> str:
        return f"{self.key}:{self.index}"

    def run(self) -> Found:
        rng = np.random.default_rng([self.seed, int(self.key, 16), self.index])
        estimates = fitted(simulated(self.assumptions, rng, studies=BLOCK))
        return {
            measure: {
                treatment: [one.significant(self.assumptions.alpha), float(one.estimate.sum()), float(one.se.sum())]
                for treatment, one in of.items()
            }
            for measure, of in estimates.items()
        }


def _key(assumptions: Assumptions, seed: int) -> str:
    told = json.dumps([assumptions.as_told(), seed, BLOCK], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _run(blocks: Sequence[_Block], threads: int) -> Iterator[tuple[_Block, Found]]:
    pool = ThreadPoolExecutor(threads)
    try:
        waiting = {pool.submit(block.run): block for block in blocks}
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read(kept: Path) -> dict[str, Found]:
    """The blocks that are there; a last line that was cut off is passed over."""
    done: dict[str, Found] = {}
    if kept.is_file():
        for line in kept.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                one = json.loads(line)
                done[one["block"]] = one["found"]
    return done


def _powers(value: float, assumptions: Assumptions, blocks: Sequence[Found]) -> Iterator[Power]:
    studies = BLOCK * len(blocks)
    for measure, of in blocks[0].items():
        for treatment in of:
            hits, estimates, errors = np.sum([block[measure][treatment] for block in blocks], axis=0)
            low, high = proportion_confint(hits, studies, method="wilson")
            power, known = float(hits / studies), assumptions.dimensions.get(measure)
            yield Power(
                at=value,
                measure=measure,
                treatment=treatment,
                effect=None if known is None else known.effects[treatment],
                power=power,
                ci_low=min(float(low), power),  # at 0 and 1 the bound misses by rounding
                ci_high=max(float(high), power),
                studies=studies,
                mean_estimate=float(estimates / studies),
                mean_se=float(errors / studies),
            )
