"""What a simulated study takes for granted: how people score, what training does, who leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from analysis.columns import TREATMENTS
from analysis.effects import POST
from analysis.paper import printed_at
from core.dimensions import DIMENSIONS, PRESCRIPTIVE
from core.errors import Unusable
from core.score import SCALE
from core.shipped import shipped_yaml

FEWEST = 8
"""People per condition below which a simulated condition may end up with nobody in it."""


@dataclass(frozen=True, slots=True)
class DimensionAssumptions:
    """One dimension as its scores come out, in points of the 1-5 scale."""

    baseline: float
    """Mean score before training."""
    sd: float
    """SD of single scores around the mean of their condition and round."""
    reliability: float
    """Share of `sd` squared that lies between people: the correlation of two conversations of one person."""
    effects: Mapping[str, float]
    """treatment -> what it adds to the mean score of later rounds, beyond control."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """A study to simulate."""

    participants: int
    """Recruited, over all conditions."""
    treatments: tuple[str, ...]
    dimensions: Mapping[str, DimensionAssumptions]
    correlation: float
    """Of two dimensions before rounding, proscriptive ones turned round; the same for people and conversations."""
    dropout: float
    """Chance of a recruited person to be left out, the same in every condition."""
    judge_noise: float = 0.0
    """SD, in points, of error in each rating beyond what `sd` and `reliability` hold already."""
    repeats: int = 1
    """Ratings of one conversation, averaged."""
    alpha: float = 0.05

    def as_told(self) -> dict[str, object]:
        """Plain values, for files and for the key of what was simulated already."""
        told = asdict(replace(self, dimensions={}))
        dimensions = {name: {**_plain(one), "effects": dict(one.effects)} for name, one in self.dimensions.items()}
        return {**told, "dimensions": dimensions}


def shipped_assumptions(treatments: Sequence[str] = TREATMENTS) -> Assumptions:
    """The main study's own numbers, for those of its treatments that are named."""
    said = shipped_yaml("analysis.power", "assumptions.yaml")
    dimensions = {
        str(dimension): DimensionAssumptions(
            **said["dimensions"][dimension],
            effects={one: printed_at("effects", dimension, f"{one}:{POST}")[0] for one in treatments},
        )
        for dimension in DIMENSIONS
    }
    return Assumptions(
        participants=said["participants"],
        treatments=tuple(treatments),
        dimensions=dimensions,
        correlation=said["correlation"],
        dropout=said["dropout"],
    )


def with_effects(assumptions: Assumptions, told: Iterable[str]) -> Assumptions:
    """The assumptions with effects told as `KEY=POINTS`, one after the other.

    KEY is a treatment (all six dimensions, `POINTS` towards empathy), a dimension (all treatments), or
    `DIMENSION:TREATMENT`; a trailing `:post`, as the model names its terms, changes nothing. Raises `Unusable`.
    """
    dimensions = {name: dict(one.effects) for name, one in assumptions.dimensions.items()}
    for one in told:
        key, value = _parsed(one)
        parts = [part for part in key.split(":") if part != POST]
        named = [part for part in parts if part in dimensions] or [*dimensions]
        treated = [part for part in parts if part in assumptions.treatments] or [*assumptions.treatments]
        if not parts or any(part not in (*dimensions, *assumptions.treatments) for part in parts):
            raise Unusable(
                f"--effect {one}: name a treatment ({', '.join(assumptions.treatments)}), a dimension "
                f"({', '.join(dimensions)}), or both as DIMENSION:TREATMENT"
            )
        towards_empathy = not any(part in dimensions for part in parts)
        for dimension in named:
            sign = -1 if towards_empathy and dimension not in PRESCRIPTIVE else 1
            dimensions[dimension] |= dict.fromkeys(treated, sign * value)
    effects = {name: replace(one, effects=dimensions[name]) for name, one in assumptions.dimensions.items()}
    return replace(assumptions, dimensions=effects)


def with_reliability(assumptions: Assumptions, reliability: float | None) -> Assumptions:
    """The assumptions with one reliability for all dimensions; unchanged without one."""
    if reliability is None:
        return assumptions
    changed = {name: replace(one, reliability=reliability) for name, one in assumptions.dimensions.items()}
    return replace(assumptions, dimensions=changed)


def check_plausible(assumptions: Assumptions) -> None:
    """Raise `Unusable` for what no study can have: shares outside 0 to 1, means outside the scale, too few people."""
    conditions = len(assumptions.treatments) + 1
    if not 0 <= assumptions.dropout < 1 or assumptions.judge_noise < 0:
        raise Unusable("the dropout is a share from 0 to below 1, and the judge's noise an SD")
    if assumptions.participants * (1 - assumptions.dropout) < FEWEST * conditions:
        raise Unusable(
            f"{assumptions.participants} participants, {assumptions.dropout:.1%} of them left out, are too few for "
            f"{conditions} conditions"
        )
    for name, one in assumptions.dimensions.items():
        if not 0 <= one.reliability < 1:
            raise Unusable(f"the reliability must be from 0 to below 1, not {one.reliability:g}")
        for treatment, effect in one.effects.items():
            if not SCALE[0] < one.baseline + effect < SCALE[-1]:
                raise Unusable(
                    f"{name}, {treatment}: {one.baseline:g} {effect:+g} points is not inside the scale "
                    f"{SCALE[0]} to {SCALE[-1]}"
                )


def _parsed(told: str) -> tuple[str, float]:
    key, _, value = told.partition("=")
    try:
        return key.strip(), float(value)
    except ValueError:
        raise Unusable(f"--effect {told}: write KEY=POINTS, such as ai_coach=0.5") from None


def _plain(one: DimensionAssumptions) -> dict[str, object]:
    return {"baseline": one.baseline, "sd": one.sd, "reliability": one.reliability}
