"""Allocation to conditions by permuted blocks, and the order of scenarios: both follow from a seed and a slot."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one slot of the sequence holds."""

    slot: int
    """From 0, in the order of consent."""
    block: int
    condition: str
    scenario_order: tuple[str, ...]


def allocate(
    slot: int,
    *,
    seed: int,
    conditions: Sequence[str],
    block_sizes: Sequence[int],
    scenarios: Sequence[str],
    rounds: int,
) -> Allocation:
    """The allocation of `slot`; the same arguments give the same answer for ever (LE-5, LE-6).

    Blocks come one after another, each of a size drawn from `block_sizes`, holding every condition equally often in
    random order. The scenarios are drawn without repetition, independently for each slot.
    """
    block, condition = _place(slot, seed=seed, conditions=conditions, block_sizes=block_sizes)
    order = random.Random(f"{seed}/scenarios/{slot}").sample(list(scenarios), rounds)  # noqa: S311 - a re-derivable draw
    return Allocation(slot=slot, block=block, condition=condition, scenario_order=tuple(order))


def _place(slot: int, *, seed: int, conditions: Sequence[str], block_sizes: Sequence[int]) -> tuple[int, str]:
    generator = random.Random(f"{seed}/conditions")  # noqa: S311 - a re-derivable draw
    first = 0
    for block in count():
        size = generator.choice(list(block_sizes))
        places = list(conditions) * (size // len(conditions))
        generator.shuffle(places)
        if slot < first + size:
            return block, places[slot - first]
        first += size
    raise AssertionError("blocks never end")
