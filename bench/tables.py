"""Cells and tables of a report's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.figures import Spread
from bench.variants import Kind

HEADS: Mapping[Kind, str] = {
    Kind.FLOOR: "floor: bare relay",
    Kind.SQLITE: "server on SQLite",
    Kind.POSTGRESQL: "server on PostgreSQL",
    Kind.CHAINLIT: "Chainlit",
    Kind.OTREE: "oTree",
}


def table(heads: Sequence[str], rows: Sequence[str]) -> list[str]:
    return [row("", heads), "|---|" + "---:|" * len(heads), *rows]


def row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def spread(found: Spread) -> str:
    if found.p50 is None:
        return "–"
    return " / ".join(number(value, 1) for value in (found.p50, found.p95, found.p99))


def number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {count}" for what, count in counts.items()) or "none"
