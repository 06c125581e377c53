"""How numbers are written in the report; an undefined one is a dash."""

from __future__ import annotations

import re

from analysis.labels import stars
from analysis.regression import Term

DASH = "–"
_PER_CENT = re.compile(r"(?<=\d) (?=%)")


def number(value: float | None, digits: int = 2) -> str:
    """With a fixed number of digits and a true minus sign; what rounds to zero has no sign."""
    if value is None:
        return DASH
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def count(value: float | None) -> str:
    """A whole number with a thin space between thousands."""
    return DASH if value is None else f"{value:,.0f}".replace(",", "\u202f")


def percent(share: float | None, digits: int = 1) -> str:
    """A share as per cent."""
    return DASH if share is None else f"{number(100 * share, digits)} %"


def unbroken(page: str) -> str:
    """The page with no-break spaces before its per cent signs, so that no line ends between number and sign."""
    return _PER_CENT.sub("\N{NO-BREAK SPACE}", page)


def p_value(p: float | None) -> str:
    """Three digits without the leading zero; below .001 says so."""
    if p is None:
        return DASH
    if p < 0.001:
        return "<.001"
    return f"{p:.3f}".removeprefix("0")


def coefficient(term: Term) -> str:
    """`0.648*** (0.092)`: the estimate, its stars and its standard error."""
    return f"{number(term.estimate, 3)}{stars(term.p)} ({number(term.se, 3)})"


def printed_coefficient(pair: list[float] | None) -> str:
    """The paper's estimate and standard error in the same form, without stars."""
    return "" if pair is None else f"{number(pair[0], 3)} ({number(pair[1], 3)})"
