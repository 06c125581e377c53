"""Reading one table of a dataset folder, CSV or Parquet, into text cells whose index is the row in the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd

from core.cells import unmarked
from core.errors import Unusable

_LARGEST_CELL = 2**31 - 1
MOST_KNOWN = 100_000
"""Most cells say what another one says; so many different ones are kept once each, which saves memory and time."""


def find_table(folder: Path, name: str) -> Path | None:
    """The file of table `name`, or None where there is none.

    Raises `Unusable` when it is there both as CSV and as Parquet: nothing says which of them counts.
    """
    found = [path for suffix in ("csv", "parquet") if (path := folder / f"{name}.{suffix}").is_file()]
    if len(found) > 1:
        raise Unusable(f"{folder}: both {found[0].name} and {found[1].name} are there; keep the one that counts")
    return found[0] if found else None


def read_cells(path: Path) -> pd.DataFrame:
    """All cells as text, an empty cell as "", the index being the row as a spreadsheet counts it (the header is row 1).

    In Parquet the index counts the records from 1. Raises `Unusable` for what is no such file, and for a row that has
    more or fewer cells than the header.
    """
    return _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)


def _read_csv(path: Path) -> pd.DataFrame:
    csv.field_size_limit(_LARGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _frame(csv.reader(lines), file=path.name)
    except UnicodeDecodeError as error:
        raise Unusable(f"{path.name}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except csv.Error as error:
        raise Unusable(f"{path.name}: not readable as CSV ({error})") from None
    except OSError as error:
        raise Unusable(f"{path.name}: cannot be read ({error.strerror})") from None


def _frame(records: Iterator[list[str]], *, file: str) -> pd.DataFrame:
    header = next(records, None)
    if not header:
        return pd.DataFrame()
    for name in header:
        if header.count(name) > 1:
            raise Unusable(f"{file}: the column {name!r} is there twice")
    rows: list[int] = []
    columns: list[list[str]] = [[] for _ in header]
    known: dict[str, str] = {}
    for row, record in enumerate(records, start=2):
        if not record:
            continue
        if len(record) != len(header):
            raise Unusable(f"{file}: row {row} has {len(record)} cells where the header has {len(header)}")
        rows.append(row)
        for column, cell in zip(columns, record, strict=True):
            text = known.get(cell)
            if text is None:
                text = unmarked(cell)
                if len(known) < MOST_KNOWN:
                    known[cell] = text
            column.append(text)
    index = pd.Index(rows, dtype="int64")
    read = {name: pd.Series(column, index, dtype=object) for name, column in zip(header, columns, strict=True)}
    return pd.DataFrame(read)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        with duckdb.connect() as database:
            table = database.read_parquet(str(path))
            columns = ", ".join(
                _as_text(name, str(kind)) for name, kind in zip(table.columns, table.types, strict=True)
            )
            frame: pd.DataFrame = table.project(columns).df()
    except duckdb.Error as error:
        raise Unusable(f"{path.name}: not readable as Parquet ({str(error).splitlines()[0]})") from None
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame.astype(object).where(frame.notna(), "")


def _as_text(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    known = f"CASE WHEN isnan({quoted}) THEN NULL ELSE {quoted} END" if kind in ("FLOAT", "DOUBLE") else quoted
    return f"CAST({known} AS VARCHAR) AS {quoted}"


def read_text(path: Path) -> str | None:
    """What a text file says; None where there is none. Raises `Unusable` where it is no UTF-8 text."""
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path.name}: cannot be read as UTF-8 text ({error})") from None
