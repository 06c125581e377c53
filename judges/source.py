"""Reading the files a judge works on: transcripts one by one, and the rows that an earlier run has left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import Unusable
from core.transcript import Transcript, parse_transcripts
from core.written import check_ordinary


@dataclass(frozen=True, slots=True)
class RowKey:
    """Which judgement a row holds: one transcript, judged by `model` for the `repeat`-th time (from 1)."""

    id: str
    model: str
    repeat: int


@dataclass(frozen=True, slots=True)
class FinishedRow:
    """A row that stands in the file already: whose judgement it is and where it stands."""

    key: RowKey
    rubric: str
    rubric_version: str
    line: int
    start: int
    """Offset of its first byte."""
    length: int
    """Bytes, without a line feed at its end."""


def read_transcripts(source: Path, *, with_coach: bool = False) -> Iterator[Transcript]:
    """The transcripts of a JSON Lines file, one at a time; `with_coach`: whether the coach may speak in them.

    Raises `Unusable`, naming file and lines, when the file cannot be read or lines are no transcripts.
    """
    yield from parse_transcripts(_lines(source), source=str(source), with_coach=with_coach)


def read_finished(out: Path) -> list[FinishedRow]:
    """The rows that stand in `out`, none when there is no such file.

    A last line that breaks off is left out. Raises `Unusable` for any other line that is no row of a judge.
    """
    if not out.exists():
        return []
    check_ordinary(out)
    rows: list[FinishedRow] = []
    start = 0
    try:
        with out.open("rb") as file:
            for number, line in enumerate(file, start=1):
                row = _finished_row(line, number=number, start=start)
                start += len(line)
                if row is not None:
                    rows.append(row)
                elif line.strip() and line.endswith(b"\n"):
                    raise Unusable(f"{out}:{number}: no row of a judge; name another file for --out")
    except OSError as error:
        raise Unusable(f"{out}: cannot be read ({error.strerror})") from None
    return rows


def _lines(source: Path) -> Iterator[str]:
    """The lines, without a byte order mark; bytes that are no UTF-8 stay in them as halves of surrogates."""
    try:
        with source.open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield line.decode("utf-8-sig" if number == 1 else "utf-8", errors="surrogateescape")
    except OSError as error:
        raise Unusable(f"{source}: cannot be read ({error.strerror})") from None


def _finished_row(line: bytes, *, number: int, start: int) -> FinishedRow | None:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or type(raw.get("repeat")) is not int:
        return None
    texts = [raw.get(name) for name in ("id", "rubric", "rubric_version", "model")]
    if not all(isinstance(text, str) for text in texts):
        return None
    id_, rubric, rubric_version, model = map(str, texts)
    return FinishedRow(
        key=RowKey(id_, model, raw["repeat"]),
        rubric=rubric,
        rubric_version=rubric_version,
        line=number,
        start=start,
        length=len(line.rstrip(b"\r\n")),
    )
