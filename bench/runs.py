"""The measurements: loads on the variants in turn, memory, the store, and the search for the most chats."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.driver import Load, Measured, Seat, as_json, measured_of
from bench.fake_model import reply_tokens
from bench.figures import Figures, Memory, figures, memory
from bench.processes import Cores, clean_environment, pin
from bench.store import WRITERS, Stored, stored_of
from bench.variants import Kind, Stage, Variant, awake, serving

PERIOD_S = 20.0
"""One turn of each chat in this time, as the target has it."""
LINE_MS = 50.0
"""The added first-token time that 99 of 100 turns must stay below."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how large to measure."""

    chats: Sequence[int]
    seconds: float
    """Of measuring for each variant under each load, over all rounds together."""
    rounds: int
    period_s: float = PERIOD_S
    memory_chats: int = 500
    store_s: float = 5.0
    warm_s: float = 3.0


def drive(
    stage: Stage,
    variant: Variant,
    seats: Sequence[Seat],
    *,
    seconds: float,
    period_s: float,
    warm_s: float = 3.0,
    idle_s: float = 0.5,
    seed: int = 1,
) -> Measured:
    """One load on one variant, from a process of its own. Raises `RuntimeError` with its words when that fails."""
    load = Load(
        port=variant.running.port,
        model_port=stage.model.port,
        seats=seats,
        tokens=reply_tokens(stage.pace.tokens),
        tokens_per_s=stage.pace.tokens_per_s,
        period_s=period_s,
        seconds=seconds,
        warm_s=warm_s,
        idle_s=idle_s,
        server=variant.running.pid,
        database=variant.database,
        seed=seed,
    )
    return measured_of(_run_apart("bench.driver", given=as_json(load), on=stage.cores.measuring))


def alternate(stage: Stage, kinds: Sequence[Kind], plan: Plan, tell: Tell) -> dict[int, dict[Kind, Figures]]:
    """Every load on every variant, one variant after the other in each round; the figures by chats and variant."""
    found: dict[int, dict[Kind, list[Measured]]] = {n: {kind: [] for kind in kinds} for n in plan.chats}
    with serving(stage, tuple(kinds)) as variants:
        for number in range(plan.rounds):
            for chats in plan.chats:
                turned = variants[number % len(variants) :] + variants[: number % len(variants)]
                for variant in turned:
                    with awake(variant):
                        measured = drive(
                            stage,
                            variant,
                            variant.take_seats(chats),
                            seconds=plan.seconds / plan.rounds,
                            period_s=plan.period_s,
                            warm_s=plan.warm_s,
                            seed=number + 1,
                        )
                    found[chats][variant.kind].append(measured)
                    tell(f"round {number + 1} of {plan.rounds}, {chats} chats, {variant.kind}: {measured.turns} turns")
    return {n: {kind: figures(rounds) for kind, rounds in by_kind.items()} for n, by_kind in found.items()}


def measure_memory(stage: Stage, kinds: Sequence[Kind], plan: Plan, tell: Tell) -> dict[Kind, Memory]:
    """What a chat takes, on fresh servers that have warmed up with a few others."""
    found = {}
    for kind in kinds:
        with serving(stage, (kind,), name="memory_") as [variant], awake(variant):
            few, many = variant.take_seats(20), variant.take_seats(plan.memory_chats)
            drive(stage, variant, few, seconds=2.0, period_s=2.0, warm_s=2.0)
            measured = drive(stage, variant, many, seconds=plan.period_s / 2, period_s=plan.period_s / 2, idle_s=2.0)
        found[kind] = memory(measured, chats=plan.memory_chats)
        tell(f"memory, {kind}: {found[kind].idle_kib:.0f} KiB for an idle chat")
    return found


def measure_store(stage: Stage, kinds: Sequence[Kind], plan: Plan, tell: Tell) -> dict[Kind, Stored]:
    """Durable acknowledgements of the log alone, on fresh databases."""
    found: dict[Kind, Stored] = {}
    for kind in kinds:
        if kind is Kind.FLOOR:
            continue
        address = f"sqlite:///{stage.folder}/store.db" if kind is Kind.SQLITE else stage.postgresql("store")
        options = ("--database", address, "--seconds", str(plan.store_s), "--writers", str(WRITERS))
        found[kind] = stored_of(_run_apart("bench.store", *options, on=stage.cores.measured))
        tell(f"store, {kind}: {found[kind].acknowledged / found[kind].seconds:,.0f} acknowledgements a second")
    return found


@dataclass(frozen=True, slots=True)
class Probe:
    """One try of the search."""

    chats: int
    holds: bool
    figures: Figures


def search_capacity(
    stage: Stage, kind: Kind, tell: Tell, *, start: int, seconds: float, precision: float = 0.06
) -> list[Probe]:
    """The most chats on one core with the p99 of added first-token time below the line and no error.

    Doubles from `start` until that fails, halves the gap until it is within `precision`; the last probe that holds
    is the answer. Every probe is on a fresh server.
    """
    probes: list[Probe] = []

    def holds(chats: int) -> bool:
        with serving(stage, (kind,), name=f"capacity_{len(probes)}_") as [variant], awake(variant):
            seats = variant.take_seats(chats)
            measured = drive(stage, variant, seats, seconds=seconds, period_s=PERIOD_S, warm_s=PERIOD_S / 2)
        found = figures([measured])
        good = found.added.p99 is not None and found.added.p99 < LINE_MS and not found.errors
        probes.append(Probe(chats, good, found))
        told = "nothing" if found.added.p99 is None else f"{found.added.p99:.0f} ms"
        tell(f"capacity, {kind}: {chats} chats, p99 {told}, core {found.core_busy:.0%} busy, errors {found.errors}")
        return good

    high = start
    while holds(high) and high < 10_000:
        high *= 2
    low = high // 2 if high > start else 0
    while high - low > max(10, precision * high):
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return probes


def most_chats(probes: Sequence[Probe]) -> int:
    """The answer of a search; 0 when nothing held."""
    return max((probe.chats for probe in probes if probe.holds), default=0)


def _run_apart(module: str, *options: str, on: frozenset[int], given: bytes = b"") -> bytes:
    """What `python -m module` prints as JSON, run on the cores `on`."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", module, *options],
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    pin([process.pid], on)
    printed, complaint = process.communicate(given)
    if process.returncode != 0:
        raise RuntimeError(f"{module} failed:\n{complaint.decode(errors='replace')[-2000:]}")
    return printed


def cores_told(cores: Cores) -> str:
    return "apart: the measured on one core, the measuring on the rest" if cores.are_apart else "shared"
