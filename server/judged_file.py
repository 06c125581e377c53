"""Reading what `lendanear judge` wrote: one row per conversation, as scores that a study can rank by and export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from core.errors import Unusable
from core.stimuli import JudgedScore


class _Row(BaseModel):
    """The keys of a row that are needed here."""

    id: Annotated[str, Field(min_length=1)]
    rubric: str
    rubric_version: str
    model: str
    repeat: int
    scores: dict[str, int | None]
    failure: str | None = None


def read_judged_scores(path: Path) -> list[JudgedScore]:
    """Every score in a judge's output. Raises `Unusable`, with file and line for a line that is no row of a judge."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise Unusable(f"{path}: not UTF-8 text") from None
    except OSError as error:
        raise Unusable(f"{path}: cannot be read ({error.strerror})") from None
    rows = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    return [score for number, line in rows for score in _scores(_row(line, where=f"{path}:{number}"))]


def _row(line: str, *, where: str) -> _Row:
    try:
        raw: Any = json.loads(line)
        return _Row.model_validate(raw, strict=True)
    except (ValueError, RecursionError) as error:
        named = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        of = f": `{named[0]}` is not as it should be" if named else ""
        raise Unusable(f"{where}: no row of a judge{of}") from None


def _scores(row: _Row) -> Iterator[JudgedScore]:
    for dimension, score in row.scores.items():
        yield JudgedScore(
            transcript_id=row.id,
            judge=row.rubric,
            model=row.model,
            rubric_version=row.rubric_version,
            repeat=row.repeat,
            dimension=dimension,
            score=score,
            failure=row.failure if score is None else None,
        )
