"""How a column of a dataset table is described and read: its type, its values, what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from core.errors import Unusable

CONDITIONS = ("control", "video", "ai_coach", "combined")
REFERENCE = CONDITIONS[0]
TREATMENTS = CONDITIONS[1:]


class Kind(StrEnum):
    """How a cell is read; `time` is ISO 8601 or, in an anonymous export, seconds, and becomes seconds either way."""

    TEXT = "text"
    INTEGER = "a whole number"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    TIME = "a time in ISO 8601"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `needed` must stand in the header, `filled` in every row; an empty number or time is NaN."""

    name: str
    kind: Kind = Kind.TEXT
    needed: bool = False
    filled: bool = False
    values: tuple[str, ...] = ()
    advice: str = ""
    """What to do about a value that is none of these."""
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True, slots=True)
class Table:
    """One file: `key` identifies a row, so that two contents for one key are a fault."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    needed: bool = False


def typed(cells: pd.DataFrame, table: Table, *, file: str) -> pd.DataFrame:
    """The columns of `table` with their types; other columns are left out, absent ones that may be absent are empty.

    Raises `Unusable` with file and row for the first cell that does not fit its column.
    """
    for column in table.columns:
        if column.needed and column.name not in cells.columns:
            raise Unusable(f"{file}: the column `{column.name}` is missing")
    read = {column.name: _read(_cells(cells, column.name), column, file=file) for column in table.columns}
    return pd.DataFrame(read, index=cells.index)


def check_keys(frame: pd.DataFrame, table: Table, *, file: str) -> None:
    """Raise `Unusable` when two rows have the same key; rows repeated verbatim are to be dropped before."""
    twice = frame.duplicated(subset=list(table.key))
    if not twice.any():
        return
    row = first_row(twice)
    shown = ", ".join(f"{name} {frame.at[row, name]!s}" for name in table.key)
    raise Unusable(f"{file}: row {row} has the same id as an earlier row and other content ({shown})")


def first_row(bad: pd.Series) -> int:
    """The row of the file at which `bad` is true for the first time."""
    return int(bad.index[int(np.argmax(bad.to_numpy(dtype=bool)))])


def _cells(cells: pd.DataFrame, name: str) -> pd.Series:
    if name in cells.columns:
        return cells[name]
    return pd.Series("", index=cells.index, dtype=object)


def _read(cells: pd.Series, column: Column, *, file: str) -> pd.Series:
    empty = cells == ""
    if column.filled:
        _refuse(cells, empty, column, file=file, why="must not be empty")
    if column.values:
        _refuse(
            cells,
            ~empty & ~cells.isin(column.values),
            column,
            file=file,
            why=_one_of(column.values),
            advice=column.advice,
        )
    if column.kind is Kind.TEXT:
        return cells.astype(object)
    read = _READERS[column.kind](cells)
    _refuse(cells, ~empty & read.isna(), column, file=file, why=f"must be {column.kind}")
    if column.kind is Kind.BOOLEAN:
        return read.fillna(0.0).astype(bool)
    outside = (read < column.low) | (read > column.high)
    _refuse(cells, outside, column, file=file, why=f"must be from {column.low:g} to {column.high:g}")
    return read


def _refuse(cells: pd.Series, bad: pd.Series, column: Column, *, file: str, why: str, advice: str = "") -> None:
    if not bad.any():
        return
    row = first_row(bad)
    shown = f", not {str(cells[row])[:60]!r}" if cells[row] else ""
    raise Unusable(f"{file}: row {row}: `{column.name}` {why}{shown}{advice}")


def _one_of(values: tuple[str, ...]) -> str:
    return f"must be one of {', '.join(values)}"


def _numbers(cells: pd.Series) -> pd.Series:
    read = pd.to_numeric(cells.where(cells != ""), errors="coerce").astype(float)
    return read.where(np.isfinite(read))


def _integers(cells: pd.Series) -> pd.Series:
    read = _numbers(cells)
    return read.where(read == np.floor(read))


def _booleans(cells: pd.Series) -> pd.Series:
    return cells.str.lower().map({"true": 1.0, "false": 0.0}).astype(float)


def _times(cells: pd.Series) -> pd.Series:
    seconds = _numbers(cells)
    moments = pd.to_datetime(cells.where(seconds.isna() & (cells != "")), format="ISO8601", utc=True, errors="coerce")
    since = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    return seconds.where(seconds.notna(), since)


_READERS = {Kind.NUMBER: _numbers, Kind.INTEGER: _integers, Kind.BOOLEAN: _booleans, Kind.TIME: _times}
