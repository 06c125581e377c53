"""Which place each condition of a study takes in the analysis: that of its own name, or the one that the plan gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.columns import CONDITIONS, REFERENCE
from core.errors import Unusable


def places(conditions: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """condition -> `control`, `video`, `ai_coach` or `combined`; a condition without a place is left out.

    `given` (`places` of the plan) goes before a condition's own name. The only condition of a study has the place
    of `control` unless it is told otherwise: nothing is compared. Raises `Unusable` where two take the same place.
    """
    alone = {one: REFERENCE for one in conditions if len(conditions) == 1 and one not in CONDITIONS}
    own = {one: one for one in conditions if one in CONDITIONS}
    taken = {**alone, **own, **given}
    for place in CONDITIONS:
        rivals = [condition for condition, its in taken.items() if its == place]
        if len(rivals) > 1:
            raise Unusable(f"{' and '.join(rivals)} cannot both have the place of {place} in the analysis")
    return taken


def without_comparison(conditions: Sequence[str], given: Mapping[str, str]) -> str | None:
    """Why the analysis cannot compare these conditions, and what mends it; None where it can."""
    taken = places(conditions, given)
    lost = [condition for condition in conditions if condition not in taken]
    listed = f"{', '.join(CONDITIONS[:-1])} and {CONDITIONS[-1]}"
    free = [place for place in CONDITIONS if place not in taken.values()]
    if len(lost) > len(free):
        return f"`analyze` has four places, {listed}, and cannot take {', '.join(conditions)}: fit the export yourself"
    if lost:
        wanted = ", ".join(f"{one}: {place}" for one, place in zip(lost, free, strict=False))
        return (
            f"`analyze` knows {listed}, and not {', '.join(lost)}: say whose place it takes, "
            f"such as `analysis: {{name: …, places: {{{wanted}}}}}`"
        )
    if len(conditions) > 1 and REFERENCE not in taken.values():
        return (
            f"`analyze` compares with {REFERENCE}, and none of the conditions has its place: say which one does, "
            f"such as `analysis: {{name: …, places: {{{conditions[0]}: {REFERENCE}}}}}`"
        )
    return None
