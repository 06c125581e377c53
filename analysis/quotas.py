"""How the people of a study are made up beside what recruiting aimed at, by age, sex and ethnicity (LE-30)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import binomtest

from core.count import counted
from core.errors import Unusable
from core.written import text_of

VARIABLES = ("age", "sex", "ethnicity")
REFUSED = "prefer_not_to_say"
"""An answer that leaves open what is asked."""
_COLUMNS = ["variable", "value", "percent"]
_AGES = re.compile(r"(\d{1,3})(?:[-–](\d{1,3})|\+)")
_ROUNDING = 1.0
"""By so many points the shares of one variable may miss 100."""


@dataclass(frozen=True, slots=True)
class Target:
    """The share that a group is meant to have."""

    variable: str
    value: str
    """A sex, an ethnicity, or ages such as `18-29` and `60+`."""
    percent: float | None
    """None for the answers that no target names."""

    def holds(self, stated: str) -> bool:
        """Whether somebody who stated this belongs to the group."""
        if self.variable != "age":
            return stated.casefold() == self.value
        low, high = _ages(self.value) or (0, 0)
        return stated.isdecimal() and low <= int(stated) <= high


@dataclass(frozen=True, slots=True)
class Quota:
    """A group as it is and as it was meant to be; shares are of those whose value is known."""

    target: Target
    n: int
    known: int
    """Whose value is known."""
    ci_low: float | None
    """Wilson's 95 % interval of the achieved share, in percent; None where nobody's value is known."""
    ci_high: float | None
    missing: int | None
    """How many more are wanted to reach the target; negative where there are more; None without a number to reach."""

    @property
    def percent(self) -> float | None:
        return 100 * self.n / self.known if self.known else None


def read_targets(path: Path) -> list[Target]:
    """The targets in a CSV file with the columns `variable`, `value` and `percent`. Raises `Unusable`."""
    lines = csv.reader(io.StringIO(text_of(path), newline=""))
    if next(lines, None) != _COLUMNS:
        raise Unusable(f"{path}:1: the columns must be {', '.join(_COLUMNS)}")
    targets = [_target(cells, where=f"{path}:{lines.line_num}") for cells in lines if any(cells)]
    _check_whole(targets, path)
    return targets


def quotas(
    people: Sequence[Mapping[str, str]], targets: Sequence[Target], *, participants: int | None = None
) -> list[Quota]:
    """A row per target, in their order, and after those of a variable one for people whom none of them holds.

    `people`: what each has stated; a variable that is not there is missing. `participants` is how many are to be
    recruited in all.
    """
    rows: list[Quota] = []
    for variable in dict.fromkeys(target.variable for target in targets):
        stated = [value for person in people if (value := person.get(variable, "")) not in ("", REFUSED)]
        wanted = [target for target in targets if target.variable == variable]
        rows += [_quota(stated, target, sum(map(target.holds, stated)), participants) for target in wanted]
        if outside := [value for value in stated if not any(target.holds(value) for target in wanted)]:
            rows.append(_quota(stated, _outside(variable, outside), len(outside), None))
    return rows


def as_table(rows: Sequence[Quota], *, people: int) -> str:
    """In Markdown, with a sentence on those whose value is not known."""
    lines = ["| | | target % | achieved % | n | difference | still wanted |", "| --- " * 7 + "|"]
    for row in rows:
        aim, share, interval, difference = row.target.percent, "–", "", "–"
        if row.percent is not None:
            share, interval = f"{row.percent:.1f}", f" [{row.ci_low:.1f}, {row.ci_high:.1f}]"
            difference = "–" if aim is None else f"{row.percent - aim:+.1f}"
        missing = "–" if row.missing is None else f"{row.missing}"
        target = "–" if aim is None else f"{aim:.1f}"
        cells = [row.target.variable, row.target.value, target, share + interval, str(row.n)]
        lines.append(f"| {' | '.join([*cells, difference, missing])} |")
    unknown = {row.target.variable: people - row.known for row in rows}
    told = ", ".join(f"{variable} {number}" for variable, number in unknown.items())
    return "\n".join(lines) + f"\n\n{counted(people, 'person', 'people')}. Not known: {told}."


def _quota(stated: Sequence[str], target: Target, n: int, participants: int | None) -> Quota:
    low, high = binomtest(n, len(stated)).proportion_ci(method="wilson") if stated else (None, None)
    wanted = None if participants is None or target.percent is None else round(target.percent / 100 * participants)
    return Quota(
        target,
        n=n,
        known=len(stated),
        ci_low=None if low is None else 100 * float(low),
        ci_high=None if high is None else 100 * float(high),
        missing=None if wanted is None else wanted - n,
    )


def _outside(variable: str, values: Sequence[str]) -> Target:
    """What stands in the place of a target for values that none holds; they are named, ages by the first and last."""
    ages = sorted(int(value) for value in values if variable == "age" and value.isdecimal())
    named = f"{ages[0]} to {ages[-1]}" if ages else ", ".join(sorted({*values})).replace("|", "/")
    return Target(variable, f"no target ({named})", None)


def _target(cells: Sequence[str], *, where: str) -> Target:
    if len(cells) != len(_COLUMNS):
        raise Unusable(f"{where}: {len(cells)} cells under {len(_COLUMNS)} headings")
    variable, value, percent = (cell.strip().casefold() for cell in cells)
    if variable not in VARIABLES:
        raise Unusable(f"{where}: {variable!r} is none of {', '.join(VARIABLES)}")
    if not value or (variable == "age" and _ages(value) is None):
        raise Unusable(f"{where}: {value!r} is no group; ages are written 18-29 or 60+")
    try:
        share = float(percent)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 100:
        raise Unusable(f"{where}: {percent!r} is no percentage")
    return Target(variable, value, share)


def _ages(value: str) -> tuple[int, int] | None:
    """The first and the last year of a group of ages."""
    found = _AGES.fullmatch(value)
    if found is None:
        return None
    low, high = int(found[1]), int(found[2] or 999)
    return (low, high) if low <= high else None


def _check_whole(targets: Sequence[Target], path: Path) -> None:
    if not targets:
        raise Unusable(f"{path}: holds no target")
    for variable in dict.fromkeys(target.variable for target in targets):
        of = [target for target in targets if target.variable == variable]
        total = sum(target.percent or 0 for target in of)
        if abs(total - 100) > _ROUNDING:
            raise Unusable(f"{path}: the percentages of {variable} add up to {total:g}, not to 100")
        if len({target.value for target in of}) < len(of):
            raise Unusable(f"{path}: a group of {variable} stands twice")
