"""The measurements: loads on the variants in turn, memory, and the store alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

from bench.fake_model import reply_tokens
from bench.figures import Figures, Memory, figures, memory
from bench.load import Load, Measured, Seat, as_json, measured_of
from bench.plan import Plan
from bench.processes import Cores, clean_environment, pin
from bench.store import WRITERS, Stored, stored_of
from bench.variants import Kind, Stage, Variant, awake, serving

Tell = Callable[[str], None]


def drive(
    stage: Stage,
    variant: Variant,
    seats: Sequence[Seat],
    *,
    seconds: float,
    period_s: float,
    warm_s: float = 3.0,
    idle_s: float = 0.5,
    stop_above_ms: float = 0.0,
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
        dialect=variant.kind.dialect,
        server=variant.running.pid,
        database=variant.database,
        model=stage.model.pid,
        measured_cores=sorted(stage.cores.measured) if stage.cores.are_apart else (),
        late_ms=stop_above_ms,
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
    many = len(stage.cores.measuring)
    return {
        n: {kind: figures(rounds, measuring_cores=many) for kind, rounds in by_kind.items()}
        for n, by_kind in found.items()
    }


def measure_memory(stage: Stage, kind: Kind, plan: Plan, tell: Tell) -> Memory:
    """What a chat takes, on a fresh server that has warmed up with a few others."""
    with serving(stage, (kind,), name="memory_") as [variant], awake(variant):
        few, many = variant.take_seats(20), variant.take_seats(plan.memory_chats)
        drive(stage, variant, few, seconds=2.0, period_s=2.0, warm_s=2.0)
        measured = drive(stage, variant, many, seconds=plan.period_s / 2, period_s=plan.period_s / 2, idle_s=2.0)
    found = memory(measured, chats=plan.memory_chats)
    tell(f"memory, {kind}: {found.idle_kib:.0f} KiB for an idle chat")
    return found


def measure_store(stage: Stage, kind: Kind, plan: Plan, tell: Tell) -> Stored:
    """Durable acknowledgements of the log alone, on a fresh database and on every core: nothing else runs."""
    everywhere = stage.cores.measured | stage.cores.measuring
    sqlite = kind is Kind.SQLITE
    address = f"sqlite:///{stage.folder}/store.db" if sqlite else stage.postgresql("store", on=everywhere)
    options = ("--database", address, "--seconds", str(plan.store_s), "--writers", str(WRITERS))
    found = stored_of(_run_apart("bench.store", *options, on=everywhere))
    tell(f"store, {kind}: {found.acknowledged / found.seconds:,.0f} acknowledgements a second")
    return found


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
