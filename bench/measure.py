"""Everything that a run is to measure, one part after the other; a part that fails is told of, and the others go on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.capacity import capacity_of, search_capacity
from bench.plan import Plan
from bench.report import Report
from bench.runs import alternate, measure_memory, measure_store
from bench.variants import Kind, Stage

FIRST_TRY = {Kind.FLOOR: 2400, Kind.SQLITE: 1500, Kind.POSTGRESQL: 1200, Kind.CHAINLIT: 120, Kind.OTREE: 120}
"""Where a search begins when no load has shown how busy the core gets."""
LEAST_SEARCH_S = 60.0
"""That every search gets, also when the time is over: without a contender's answer the others tell little."""
HOPED_BUSY = 0.7
"""How busy one may hope that the core can be while the line holds."""


def measure(report: Report, stage: Stage, plan: Plan) -> None:
    """Fill the report with what the plan asks for."""
    deadline = time.monotonic() + plan.minutes * 60
    kinds = [kind for kind in plan.kinds if not (kind.is_contender and plan.contenders_only_in_search)]
    if "load" in plan.parts:
        with _noted(report, stage, "load"):
            report.loads |= alternate(stage, kinds, plan, tell)
    for kind in kinds:
        if "memory" in plan.parts:
            with _noted(report, stage, f"memory, {kind}"):
                report.memory[kind] = measure_memory(stage, kind, plan, tell)
        if "store" in plan.parts and kind.has_store:
            with _noted(report, stage, f"store, {kind}"):
                report.store[kind] = measure_store(stage, kind, plan, tell)
    if "capacity" in plan.parts:
        for number, kind in enumerate(sorted(plan.kinds, key=_is_floor)):
            left_s = max(LEAST_SEARCH_S, (deadline - time.monotonic()) / (len(plan.kinds) - number))
            with _noted(report, stage, f"capacity, {kind}"):
                start = plan.search_from or _first_try(report, kind)
                probes = report.capacity.setdefault(kind, [])
                search_capacity(stage, kind, plan, tell, start=start, budget_s=left_s, into=probes)
                if not capacity_of(probes).probe:
                    raise RuntimeError(f"no full probe held, of {len(probes)}")


def _is_floor(kind: Kind) -> bool:
    """Its search takes longest and no target hangs on it: it comes last."""
    return kind is Kind.FLOOR


def tell(line: str) -> None:
    """How far the run is, on standard error."""
    print(line, file=sys.stderr, flush=True)


def _first_try(report: Report, kind: Kind) -> int:
    """Chats with which a search may well begin: from how busy the largest load made the core, where there was one."""
    for chats, by_kind in sorted(report.loads.items(), reverse=True):
        if kind in by_kind and by_kind[kind].core_busy > 0:
            return max(10, round(HOPED_BUSY * chats / by_kind[kind].core_busy))
    return FIRST_TRY[kind]


@contextmanager
def _noted(report: Report, stage: Stage, what: str) -> Iterator[None]:
    """What goes wrong in the block is noted, and does not take the other results with it."""
    try:
        yield
    except Exception as error:  # whatever a part or a contender's program does, the rest of the run is worth having
        tell(f"{what}: not measured: {error}")
        why = str(error).replace(str(stage.folder), "…").strip().splitlines() or [""]
        report.not_measured[what] = f"{type(error).__name__}: {why[-1][:300]}"
