"""Reading what `lendanear judge` and `lendanear compare` wrote about conversations: scores, choices, Elo ratings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from core.errors import Unusable
from core.stimuli import JudgedPair, JudgedScore
from core.written import text_of
from judges.comparison_file import read_compared


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
    lines = text_of(path).splitlines()
    rows = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    return [score for number, line in rows for score in _scores(_row(line, where=f"{path}:{number}"))]


class _Scenario(BaseModel):
    elo: dict[str, float]


class _Ratings(BaseModel):
    """The part of a file of ratings that is needed here."""

    scenarios: dict[str, _Scenario]


def read_elo(path: Path) -> dict[str, float]:
    """The Elo rating of every conversation that was compared. Raises `Unusable`."""
    try:
        ratings = _Ratings.model_validate_json(text_of(path))
    except ValidationError:
        raise Unusable(f"{path}: no ratings by `lendanear compare`") from None
    return {id_: rating for scenario in ratings.scenarios.values() for id_, rating in scenario.elo.items()}


def read_judged_pairs(path: Path) -> list[JudgedPair]:
    """Every choice of a judge. Raises `Unusable`, with file and line for a row that is no comparison."""
    pairs = [{field: getattr(row, field) for field in JudgedPair.model_fields} for row in read_compared(path)]
    try:
        return [JudgedPair.model_validate(pair) for pair in pairs]
    except ValidationError as error:
        raise Unusable(f"{path}: a row is no comparison (`{error.errors()[0]['loc'][0]}`)") from None


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
