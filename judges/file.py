"""Judging a whole transcript file: rows in input order, picked up where an earlier run ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Container, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from core.errors import Unusable
from core.transcript import Transcript
from judges.cache import Answers
from judges.criteria import About, Rubric
from judges.in_order import AT_ONCE, in_order
from judges.material import Unjudgeable, material
from judges.rate import Judge, Rating
from judges.row import row
from judges.rowfile import RowFile, put_in_order
from judges.source import FinishedRow, RowKey, read_finished, read_transcripts
from llm.faults import NotAsked
from llm.models import Models


@dataclass(frozen=True, slots=True)
class Member:
    """One of the models that judge a file."""

    models: Models
    names: tuple[str, ...]
    """`provider:model` of the model that is asked, then of those that may step in for it."""
    answers: Answers | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a file has been judged."""

    total: int
    """Rows of the finished file: transcripts times models times repeats."""
    kept: int = 0
    """Rows that stood there already."""
    rated: int = 0
    """New rows with nothing missing."""
    failed: int = 0
    """New rows in which at least one dimension is missing, with its reason."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many rows are still to be made, because nobody was asked, by the reason."""
    unjudgeable: tuple[str, ...] = ()
    """A sentence for each transcript that holds nothing to be judged; its rows say the same."""

    @property
    def done(self) -> int:
        return self.kept + self.rated + self.failed

    def without_one(self, reason: str) -> Counts:
        """These counts after a row that was left out."""
        return replace(self, left_out={**self.left_out, reason: self.left_out.get(reason, 0) + 1})

    def with_one_more(self, rating: Rating) -> Counts:
        """These counts after one more row."""
        if rating.failure is None:
            return replace(self, rated=self.rated + 1)
        return replace(self, failed=self.failed + 1)


@dataclass(frozen=True, slots=True)
class Task:
    """One row to be made."""

    key: RowKey
    transcript: Transcript
    rubric: Rubric
    member: Member
    """Who is asked."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The rows of the finished file."""

    place: Mapping[RowKey, int]
    """Where each row belongs, from 0; the rows of a stand-in belong where its model's would."""
    rows: int
    unjudgeable: tuple[str, ...]

    def places(self, finished: Sequence[FinishedRow]) -> set[int]:
        """Where those of `finished` belong that are asked for."""
        return {self.place[row.key] for row in finished if row.key in self.place}


async def judge_file(
    source: Path,
    out: Path,
    *,
    rubric: Rubric,
    panel: Sequence[Member],
    repeats: int = 1,
    at_once: int = AT_ONCE,
    progress: Callable[[Counts], None] | None = None,
) -> Counts:
    """Judge every transcript of `source` `repeats` times by each of `panel` into `out`, and return how it went.

    Rows come in input order, then by model, then by repeat. Rows that `out` holds already are kept and not asked about
    again, and only whole lines are written: a run that was stopped at any point is simply started again. What nobody
    was asked about, because a cap is reached, gets no row. `progress` is told the counts before the first row and
    after each.

    Raises `Unusable`, before any model is asked, for a line of `source` that is no transcript and for an `out` that
    holds something else; and, with every finished row kept, when `out` cannot be written.
    """
    tell = progress or (lambda counts: None)
    plan = _plan(source, out, rubric=rubric, panel=panel, repeats=repeats)
    finished = read_finished(out)
    _check_belong(finished, out=out, source=source, plan=plan, rubric=rubric)
    counts = Counts(total=plan.rows, kept=len(finished), unjudgeable=plan.unjudgeable)
    tell(counts)
    to_do = _tasks(source, rubric=rubric, panel=panel, repeats=repeats, done=plan.places(finished))
    with RowFile(out, finished=finished) as rows:
        async with aclosing(ratings_in_order(to_do, at_once=at_once)) as ratings:
            async for key, rating in ratings:
                if isinstance(rating.fault, NotAsked):
                    counts = counts.without_one(str(rating.fault))
                    continue
                rows.append(row(rating, id=key.id, rubric=rubric, asked=key.model, repeat=key.repeat))
                counts = counts.with_one_more(rating)
                tell(counts)
    put_in_order(out, place=plan.place)
    return counts


def _plan(source: Path, out: Path, *, rubric: Rubric, panel: Sequence[Member], repeats: int) -> _Plan:
    """The finished file's rows; reads `source` to its end and thereby checks it."""
    if repeats < 1:
        raise Unusable(f"repeats must be 1 or more, not {repeats}")
    if out.exists() and source.exists() and out.samefile(source):
        raise Unusable(f"{out}: the ratings cannot go into the file of the transcripts")
    place: dict[RowKey, int] = {}
    unjudgeable: list[str] = []
    rows = 0
    for transcript in transcripts_for(source, rubric):
        try:
            material(transcript, rubric)
        except Unjudgeable as reason:
            unjudgeable.append(f"{source}: {transcript.id!r}: {reason}")
        for member in panel:
            for repeat in range(1, repeats + 1):
                place |= {RowKey(transcript.id, name, repeat): rows for name in member.names}
                rows += 1
    return _Plan(place, rows, tuple(unjudgeable))


def _check_belong(finished: Sequence[FinishedRow], *, out: Path, source: Path, plan: _Plan, rubric: Rubric) -> None:
    ids = {key.id for key in plan.place}
    models = {key.model for key in plan.place}
    seen: set[int] = set()
    for found in finished:
        key, problem = found.key, None
        if key.id in ids and key.model not in models:
            problem = f"this row is from {key.model}, not from {' or '.join(sorted(models))}"
        elif key not in plan.place:
            problem = f"{key.id!r}, repeat {key.repeat}, is not asked for from {source}"
        elif plan.place[key] in seen:
            problem = f"{key.id!r}, repeat {key.repeat}, stands here a second time"
        elif (found.rubric, found.rubric_version) != (rubric.name, rubric.version):
            problem = f"this row is by {found.rubric} {found.rubric_version}, not by {rubric.name} {rubric.version}"
        if problem:
            raise Unusable(f"{out}:{found.line}: {problem}; name another file for --out")
        seen.add(plan.place[key])


def open_tasks(source: Path, out: Path, *, rubric: Rubric, panel: Sequence[Member], repeats: int) -> Iterator[Task]:
    """The rows that `judge_file` would make."""
    plan = _plan(source, out, rubric=rubric, panel=panel, repeats=repeats)
    yield from _tasks(source, rubric=rubric, panel=panel, repeats=repeats, done=plan.places(read_finished(out)))


def _tasks(
    source: Path, *, rubric: Rubric, panel: Sequence[Member], repeats: int, done: Container[int]
) -> Iterator[Task]:
    """The rows of the finished file whose places are not `done`, in order."""
    every = (
        Task(RowKey(transcript.id, member.names[0], repeat), transcript, rubric, member)
        for transcript in transcripts_for(source, rubric)
        for member in panel
        for repeat in range(1, repeats + 1)
    )
    return (task for place, task in enumerate(every) if place not in done)


def transcripts_for(source: Path, rubric: Rubric) -> Iterator[Transcript]:
    """What `rubric` judges of a file, with the coach's messages where it judges those; raises as `read_transcripts`."""
    return read_transcripts(source, with_coach=rubric.about is About.COACH)


async def ratings_in_order(tasks: Iterator[Task], *, at_once: int = AT_ONCE) -> AsyncGenerator[tuple[RowKey, Rating]]:
    """The ratings in the order of `tasks`, `at_once` asked for at a time."""

    async def rate(task: Task) -> tuple[RowKey, Rating]:
        judge = Judge(task.member.models, task.rubric, answers=task.member.answers)
        return task.key, await judge.rate(task.transcript, purpose=task.key.id, repeat=task.key.repeat)

    async with aclosing(in_order((partial(rate, task) for task in tasks), at_once=at_once)) as ratings:
        async for rated in ratings:
            yield rated
