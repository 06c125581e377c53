"""`study power`: how often the preregistered model would find the effects, from simulated studies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path

import pandas as pd

from analysis.columns import TREATMENTS
from analysis.figures.style import Style, drawn
from analysis.places import places
from analysis.power.assumptions import FEWEST, Assumptions, shipped_assumptions, with_effects, with_reliability
from analysis.power.curve import Power, points, power_curve
from analysis.power.picture import draw
from analysis.preregistration.text import check_conditions
from core.errors import Unusable
from core.written import write_whole
from server.commands.spending import progress_bar
from server.commands.study import check

KEPT = "power.blocks.jsonl"
_GRID = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
"""Shares of the number of participants at which a curve over it is drawn."""


@dataclass(frozen=True, slots=True)
class PowerWishes:
    """What was asked for on the command line; None: as the main study has it."""

    effects: Sequence[str] = ()
    participants: int | None = None
    reliability: float | None = None
    judge_noise: float = 0.0
    repeats: int = 1
    dropout: float | None = None
    over: str | None = None
    """`AXIS=VALUE,VALUE,…`; None: over participants, around their number."""
    simulations: int = 1000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class PowerDone:
    """The powers with the number of participants asked for, as a table for the terminal, and where the rest is."""

    table: str
    folder: Path


def power(folder: Path, out: Path, wishes: PowerWishes) -> PowerDone:
    """Simulate, and write `power.json`, `power.csv`, `power.svg` and `power.png` into `out`; stopped, it goes on.

    Raises `Faults` or `Unusable` for a study with faults, one that the preregistered model does not fit, or effects
    and numbers that no study can have.
    """
    assumptions = _assumptions(folder, wishes)
    over, values = _axis(wishes, assumptions)
    along = points(assumptions, over=over, values=values)
    here = points(assumptions, over="participants", values=[assumptions.participants])
    with progress_bar() as bar:
        task = bar.add_task(f"simulating {over}", total=None)
        try:
            out.mkdir(parents=True, exist_ok=True)
            found = power_curve(
                [*along, *here],
                simulations=wishes.simulations,
                seed=wishes.seed,
                kept=out / KEPT,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        except OSError as error:
            raise Unusable(f"{out}: cannot be written ({error.strerror})") from None
    curve, asked = found[: -_per_point(found, along)], found[-_per_point(found, along) :]
    _write(out, curve, asked, assumptions=assumptions, over=over, wishes=wishes)
    return PowerDone(table=_table(asked, assumptions), folder=out)


def _assumptions(folder: Path, wishes: PowerWishes) -> Assumptions:
    checked = check(folder)
    study, plan = checked.bundle.study, checked.plan.content
    check_conditions(study, plan)
    taken = places(study.conditions, plan.places).values()
    shipped = shipped_assumptions([one for one in TREATMENTS if one in taken])
    dropout = shipped.dropout if wishes.dropout is None else wishes.dropout
    planned = None if plan.participants is None else round(plan.participants / (1 - dropout))
    told = replace(
        shipped,
        participants=wishes.participants or planned or shipped.participants,
        dropout=dropout,
        judge_noise=wishes.judge_noise,
        repeats=wishes.repeats,
    )
    return with_reliability(with_effects(told, wishes.effects), wishes.reliability)


def _axis(wishes: PowerWishes, assumptions: Assumptions) -> tuple[str, list[float]]:
    if wishes.over is None:
        few = ceil(FEWEST * (len(assumptions.treatments) + 1) / (1 - assumptions.dropout))
        return "participants", [max(few, round(share * assumptions.participants)) for share in _GRID]
    name, _, listed = wishes.over.partition("=")
    try:
        return name, [float(value) for value in listed.split(",")]
    except ValueError:
        raise Unusable(f"--over {wishes.over}: write AXIS=VALUE,VALUE, such as reliability=0.4,0.6,0.8") from None


def _per_point(found: Sequence[Power], along: Sequence[object]) -> int:
    return len(found) // (len(along) + 1)


def _write(
    out: Path,
    curve: Sequence[Power],
    asked: Sequence[Power],
    *,
    assumptions: Assumptions,
    over: str,
    wishes: PowerWishes,
) -> None:
    told = {
        "assumptions": assumptions.as_told(),
        "seed": wishes.seed,
        "over": over,
        "power": [asdict(one) for one in asked],
        "curve": [asdict(one) for one in curve],
    }
    with Style():
        picture = drawn(draw(curve, over=over))
    write_whole(out / "power.csv", pd.DataFrame(curve).rename(columns={"at": over}).to_csv(index=False))
    write_whole(out / "power.svg", picture.svg)
    write_whole(out / "power.png", picture.png)
    write_whole(out / "power.json", json.dumps(told, indent=1) + "\n")


def _table(asked: Sequence[Power], assumptions: Assumptions) -> str:
    head = (
        f"{assumptions.participants} recruited, {assumptions.dropout:.1%} left out, {asked[0].studies} simulated "
        f"studies, two-sided alpha {assumptions.alpha:g}\n"
        f"{'measure':30}{'treatment':12}{'effect':>8}{'SE':>8}{'power':>8}  95 % interval"
    )
    lines = [
        f"{one.measure:30}{one.treatment:12}{one.mean_estimate if one.effect is None else one.effect:8.2f}"
        f"{one.mean_se:8.3f}{one.power:8.1%}  {one.ci_low:.1%} to {one.ci_high:.1%}"
        for one in asked
    ]
    return "\n".join([head, *lines])
