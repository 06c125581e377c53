"""A caution at the head of the report when arms are too small for what it tests."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.labels import CONDITION_NAMES

FEW_PER_ARM = 10
"""People in the smallest arm below which stars and intervals promise too much.

In simulated studies without any effect, tests at 5 % of a treatment's effect were significant in 18.3 % of cases with 2
people per arm (600 studies), 13.1 % with 3 (600), 8.8 % with 5 (400) and 6.8 % with 10 (400).
"""


def caution(by_condition: Mapping[str, int]) -> str | None:
    """What to say where the smallest arm has fewer than `FEW_PER_ARM` people; None where all have, or there is one arm.

    `by_condition`: how many are analysed. A condition without anybody is no arm.
    """
    arms = {condition: n for condition, n in by_condition.items() if n}
    if len(arms) < 2:
        return None
    smallest = min(arms, key=lambda condition: arms[condition])
    if arms[smallest] >= FEW_PER_ARM:
        return None
    return (
        f"The smallest arm, {CONDITION_NAMES[smallest]}, has {arms[smallest]} analysed. Below {FEW_PER_ARM} people in "
        "an arm, the rule used here, errors come out too small: stars, p values and intervals promise more than the "
        "data hold, so draw no conclusion from them."
    )
