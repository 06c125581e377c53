"""Judging a whole transcript file: rows in input order, picked up where an earlier run ended."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from core.dimensions import DIMENSIONS
from core.errors import Unusable
from core.transcript import Transcript
from judges.rate import Judge, Rating
from judges.rowfile import RowFile, put_in_order
from judges.rubric import Rubric
from judges.source import FinishedRow, RowKey, read_finished, read_transcripts
from llm.models import Models
from llm.request import ModelRole

CONCURRENT_CALLS = 8
_AHEAD = 4
"""Ratings begun per call in flight: a slow one at the head then does not leave the others without work."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a file has been judged."""

    total: int
    """Rows of the finished file: transcripts times repeats."""
    kept: int = 0
    """Rows that stood there already."""
    rated: int = 0
    """New rows with all six scores."""
    failed: int = 0
    """New rows in which at least one score is missing, with its reason."""

    @property
    def done(self) -> int:
        return self.kept + self.rated + self.failed

    def with_one_more(self, rating: Rating) -> Counts:
        """These counts after one more row."""
        if rating.score.failure is None:
            return replace(self, rated=self.rated + 1)
        return replace(self, failed=self.failed + 1)


@dataclass(frozen=True, slots=True)
class _Task:
    key: RowKey
    transcript: Transcript


async def judge_file(
    source: Path,
    out: Path,
    *,
    rubric: Rubric,
    models: Models,
    repeats: int = 1,
    progress: Callable[[Counts], None] | None = None,
    model: str | None = None,
) -> Counts:
    """Rate every transcript of `source` `repeats` times into `out`, in input order, and return how it went.

    Rows that `out` holds already are kept and not asked about again, and only whole lines are written: a run that was
    stopped at any point is simply started again. `progress` is told the counts before the first row and after each.
    `model`: the one `provider:model` these rows are for, so that finished rows of another one are refused; without it
    any are kept, as fallbacks of a role may have written them.

    Raises `Unusable`, before any model is asked, for a line of `source` that is no transcript and for an `out` that
    holds something else; and, with every finished row kept, when `out` cannot be written.
    """
    tell = progress or (lambda counts: None)
    place = _places(source, out, repeats=repeats)
    finished = read_finished(out)
    _check_belong(finished, out=out, source=source, place=place, rubric=rubric, model=model)
    asked = model or models.health()[ModelRole.JUDGE].model
    counts = Counts(total=len(place), kept=len(finished))
    tell(counts)
    with RowFile(out, finished=finished) as rows:
        tasks = _tasks(source, repeats=repeats, done={row.key for row in finished})
        async with aclosing(_ratings(tasks, judge=Judge(models, rubric))) as ratings:
            async for key, rating in ratings:
                rows.append(_row(key, rating, rubric=rubric, asked=asked))
                counts = counts.with_one_more(rating)
                tell(counts)
    put_in_order(out, place=place)
    return counts


def _places(source: Path, out: Path, *, repeats: int) -> Mapping[RowKey, int]:
    """The place of every row of the finished file, from 0; reads `source` to its end and thereby checks it."""
    if repeats < 1:
        raise Unusable(f"repeats must be 1 or more, not {repeats}")
    if out.exists() and source.exists() and out.samefile(source):
        raise Unusable(f"{out}: the ratings cannot go into the file of the transcripts")
    ids = (transcript.id for transcript in read_transcripts(source))
    keys = (RowKey(id_, repeat) for id_ in ids for repeat in range(1, repeats + 1))
    return {key: place for place, key in enumerate(keys)}


def _check_belong(
    finished: Iterable[FinishedRow],
    *,
    out: Path,
    source: Path,
    place: Mapping[RowKey, int],
    rubric: Rubric,
    model: str | None,
) -> None:
    seen: set[RowKey] = set()
    for row in finished:
        problem = None
        if row.key not in place:
            problem = f"{row.key.id!r}, repeat {row.key.repeat}, is not asked for from {source}"
        elif row.key in seen:
            problem = f"{row.key.id!r}, repeat {row.key.repeat}, stands here a second time"
        elif (row.rubric, row.rubric_version) != (rubric.name, rubric.version):
            problem = f"this row is by {row.rubric} {row.rubric_version}, not by {rubric.name} {rubric.version}"
        elif model is not None and row.model != model:
            problem = f"this row is from {row.model}, not from {model}"
        if problem:
            raise Unusable(f"{out}:{row.line}: {problem}; name another file for --out")
        seen.add(row.key)


def _tasks(source: Path, *, repeats: int, done: set[RowKey]) -> Iterator[_Task]:
    for transcript in read_transcripts(source):
        for repeat in range(1, repeats + 1):
            key = RowKey(transcript.id, repeat)
            if key not in done:
                yield _Task(key, transcript)


async def _ratings(tasks: Iterator[_Task], *, judge: Judge) -> AsyncGenerator[tuple[RowKey, Rating]]:
    """The ratings in the order of `tasks`, `CONCURRENT_CALLS` asked for at a time."""
    gate = asyncio.Semaphore(CONCURRENT_CALLS)
    under_way: deque[tuple[RowKey, asyncio.Task[Rating]]] = deque()

    async def rate(task: _Task) -> Rating:
        async with gate:
            return await judge.rate(task.transcript, purpose=task.key.id)

    try:
        while True:
            while len(under_way) < CONCURRENT_CALLS * _AHEAD and (task := next(tasks, None)):
                under_way.append((task.key, asyncio.create_task(rate(task))))
            if not under_way:
                return
            key, rating = under_way.popleft()
            yield key, await rating
    finally:
        for _, rating in under_way:
            rating.cancel()
        await asyncio.gather(*(rating for _, rating in under_way), return_exceptions=True)


def _row(key: RowKey, rating: Rating, *, rubric: Rubric, asked: str) -> str:
    score = rating.score
    fields = {
        "id": key.id,
        "rubric": rubric.name,
        "rubric_version": rubric.version,
        "model": rating.label.model if rating.label else asked,
        "repeat": key.repeat,
        "scores": {dimension.value: score.scores.get(dimension) for dimension in DIMENSIONS},
        "overall": score.overall,
        "evidence": {dimension.value: list(score.evidence.get(dimension, ())) for dimension in DIMENSIONS},
        "reason": {dimension.value: score.reason.get(dimension, score.failure or "") for dimension in DIMENSIONS},
        "failure": score.failure,
    }
    row = json.dumps(fields, ensure_ascii=False)
    # Half a surrogate pair has no UTF-8 form: such a row is written with escapes, and reads back the same.
    return row if row.isascii() or _has_utf8_form(row) else json.dumps(fields)


def _has_utf8_form(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
