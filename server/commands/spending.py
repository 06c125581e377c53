"""What commands that ask models have in common: the forecast before, the question whether to go on, the bar."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.errors import Unusable
from llm.forecast import Forecast
from llm.rules import is_rules


def check_cap(cap_usd: float | None, *expected: Forecast) -> None:
    """Raises `Unusable` where a cap cannot be kept, because a price is unknown."""
    if cap_usd is not None and (unknown := [each for each in expected if each.calls and each.usd is None]):
        raise Unusable(f"--cap: no price is listed for {unknown[0].model}; name a list of your own by LENDANEAR_PRICES")


def confirm(expected: Sequence[Forecast], *, cap_usd: float | None, says_yes: bool) -> None:
    """Print what it will probably cost and, on a terminal, ask whether to go on; raises `Unusable` after a no.

    What the rules do costs nothing and needs no word.
    """
    asked = [each for each in expected if not is_rules(each.model)]
    for each in asked:
        print(each, file=sys.stderr)
    usd = sum(each.usd or 0.0 for each in asked)
    if cap_usd is not None and usd > cap_usd:
        print(f"The cap of ${cap_usd:,.2f} will probably stop it before the end.", file=sys.stderr)
    if says_yes or all(each.is_free for each in asked) or not sys.stdin.isatty():
        return
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Unusable("nothing was asked")


def progress_bar() -> Progress:
    """A bar on standard error, shown on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
