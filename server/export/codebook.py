"""The columns of the dataset: one file that headers, cell forms and `codebook.json` all come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from core.shipped import shipped_yaml


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one file."""

    name: str
    type: str
    """`text`, `integer`, `number`, `bool` or `time`."""
    meaning: str
    unit: str | None = None
    values: str | None = None
    source: str | None = None


@cache
def columns() -> Mapping[str, tuple[Column, ...]]:
    """The columns of every file, in order."""
    raw = shipped_yaml("server.export", "codebook.yaml")
    return {table: tuple(Column(**column) for column in described) for table, described in raw.items()}


def codebook() -> dict[str, Any]:
    """The codebook as it is exported."""
    return {table: [asdict(column) for column in described] for table, described in columns().items()}
