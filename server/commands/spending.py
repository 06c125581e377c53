"""Before and while a command asks models: the forecast, the question whether to go on, the bar."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.errors import Unusable
from core.money import dollars
from judges.in_order import AT_ONCE
from llm.forecast import Forecast
from llm.gate import ROUNDING_USD, Budget, Pace
from llm.rules import is_rules

ANSWER_S = 4.0
"""What an answer may take before a rate cannot be kept up."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How fast a command may ask, and what it may spend."""

    rate: float | None = None
    """Calls per second."""
    cap_usd: float | None = None
    says_yes: bool = False
    """Whether nobody is to be asked before money is spent."""

    @property
    def at_once(self) -> int:
        """Questions under way at the same time."""
        return AT_ONCE if self.rate is None else max(AT_ONCE, ceil(self.rate * ANSWER_S))

    @property
    def goes_on(self) -> str:
        """How a command goes on that was stopped, where its cap is that of one run."""
        again = ", and may spend as much again" if self.cap_usd is not None else ""
        return f"The same command goes on where it was{again}."

    def budget(self) -> Budget:
        return Budget(cap_usd=self.cap_usd, pace=None if self.rate is None else Pace(self.rate))


UNLIMITED = Allowance()


def _check_cap(cap_usd: float | None, expected: Sequence[Forecast]) -> None:
    if cap_usd is None:
        return
    if unknown := [each for each in expected if each.calls and each.usd is None]:
        raise Unusable(
            f"--cap: no price is listed for {unknown[0].model} at this address (listed ones hold at the vendor's own); "
            "name a list of your own by LENDANEAR_PRICES"
        )
    for each in expected:
        if (each.call_usd or 0.0) > cap_usd + ROUNDING_USD:
            raise Unusable(
                f"--cap: one call of {each.model} costs about {dollars(each.call_usd or 0.0)}, "
                f"more than {dollars(cap_usd)}"
            )


def confirm(expected: Sequence[Forecast], allowance: Allowance, *, spent_usd: float = 0.0) -> None:
    """Print what it will probably cost and, on a terminal, ask whether to go on; `spent_usd` of the cap are gone.

    Raises `Unusable` after a no, and for a cap that cannot be kept, because a price is unknown, or that lets no call
    through. What the rules do costs nothing and needs no word.
    """
    asked = [each for each in expected if each.calls and not is_rules(each.model)]
    _check_cap(allowance.cap_usd, asked)
    for each in asked:
        print(each, file=sys.stderr)
    usd = sum(each.usd or 0.0 for each in asked)
    if allowance.cap_usd is not None and spent_usd + usd > allowance.cap_usd:
        spent = f", of which {dollars(spent_usd)} are spent," if spent_usd else ""
        print(f"The cap of {dollars(allowance.cap_usd)}{spent} will probably stop it before the end.", file=sys.stderr)
    if allowance.says_yes or all(each.is_free for each in asked) or not sys.stdin.isatty():
        return
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Unusable("nothing was asked")


def progress_bar() -> Progress:
    """A bar on standard error, shown on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
