"""Files of judged rows: only whole lines, kept one by one, and put in input order at the end."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import Unusable
from core.written import check_ordinary
from judges.source import FinishedRow, RowKey, read_finished


class LineFile:
    """Appends lines at byte `end`; whatever stands behind it is cut away first."""

    def __init__(self, out: Path, *, end: int) -> None:
        self._out = out
        self._end = end

    def __enter__(self) -> Self:
        try:
            self._descriptor = os.open(self._out, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise Unusable(f"{self._out}: cannot be written ({error.strerror})") from None
        os.ftruncate(self._descriptor, self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def append(self, row: str) -> None:
        """Write one row with its line feed. Raises `Unusable`, leaving the rows before it whole, when that fails."""
        self._write(row.encode("utf-8") + b"\n")

    def _write(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.pwrite(self._descriptor, line[written:], self._end + written)
        except OSError as error:
            os.ftruncate(self._descriptor, self._end)
            raise Unusable(f"{self._out}: cannot be written ({error.strerror}); all rows before are kept") from None
        self._end += len(line)


class RowFile(LineFile):
    """Appends rows behind the finished ones."""

    def __init__(self, out: Path, *, finished: Sequence[FinishedRow]) -> None:
        super().__init__(out, end=max((row.start + row.length for row in finished), default=0))

    def __enter__(self) -> Self:
        super().__enter__()
        if self._end:
            self._write(b"\n")
        return self


def check_new(out: Path) -> None:
    """Raise `Unusable` for a file that holds something already."""
    check_ordinary(out)
    if out.exists() and out.stat().st_size:
        raise Unusable(f"{out}: is there already; name another file for --out")


def put_in_order(out: Path, *, place: Mapping[RowKey, int]) -> None:
    """Sort the rows of `out` by `place`, all at once or not at all; a file in order is not touched."""
    rows = read_finished(out)
    ordered = sorted(rows, key=lambda row: place[row.key])
    if ordered == rows:
        return
    beside = out.with_name(out.name + ".sorting")
    try:
        with out.open("rb") as unsorted, beside.open("wb") as target:
            for row in ordered:
                unsorted.seek(row.start)
                target.write(unsorted.read(row.length) + b"\n")
            target.flush()
            os.fsync(target.fileno())
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Unusable(f"{out}: all rows are there, but could not be sorted ({error.strerror})") from None
