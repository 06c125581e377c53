"""How far a judge's scores move when nothing that counts has changed (`judge --audit`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from judges.criteria import Rubric
from judges.file import Member, Task, ratings_in_order, transcripts_for
from judges.in_order import AT_ONCE
from judges.rate import Rating
from judges.row import row
from judges.rowfile import LineFile, check_new
from judges.source import RowKey
from judges.variants import AS_IS, Variant, left_out, variants
from judges.verdict import Finding
from llm.faults import NotAsked


@dataclass(frozen=True, slots=True)
class Movement:
    """How one dimension moved under one variant."""

    variant: str
    compared_with: str
    dimension: str
    n: int
    """Transcripts with an answer on both sides."""
    missing: int
    moved: float | None
    """Share of the `n` whose answer changed; None without any."""
    mean_shift: float | None
    """In points of the scale, with its sign; None without any and for labels."""
    mean_move: float | None
    """The same without sign."""
    largest: int | None


async def audit_file(
    source: Path,
    out: Path,
    *,
    rubric: Rubric,
    member: Member,
    at_once: int = AT_ONCE,
    progress: Callable[[int, int], None],
) -> list[Movement]:
    """Judge every transcript of `source` under every variant, a row each into `out`, and return what moved.

    Raises `Unusable` when `source` cannot be read or `out` is there already: rows of an audit are no scores, and the
    answers that are kept beside it make another run cheap. Raises `NotAsked` at the cap; as after any other end before
    the last answer, `out` is empty then.
    """
    check_new(out)
    asked = variants(rubric)
    total = len(asked) * sum(1 for _ in transcripts_for(source, rubric))
    given: dict[str, dict[str, Rating]] = defaultdict(dict)
    rows: list[str] = []
    progress(0, total)
    with LineFile(out, end=0) as file:
        tasks = audit_tasks(source, rubric=rubric, member=member)
        async with aclosing(ratings_in_order(tasks, at_once=at_once)) as ratings:
            async for key, rating in ratings:
                if isinstance(rating.fault, NotAsked):
                    raise rating.fault
                name = asked[len(rows) % len(asked)].name
                given[name][key.id] = rating
                rows.append(row(rating, id=key.id, rubric=rubric, asked=key.model, repeat=key.repeat, variant=name))
                progress(len(rows), total)
        for line in rows:
            file.append(line)
    return [
        _movement(criterion.id, variant, given[variant.name], given[variant.compared_with])
        for variant in asked
        if variant.name != AS_IS
        for criterion in rubric.dimensions
    ]


def as_figures(movements: Sequence[Movement]) -> dict[str, Any]:
    """`{variant: {dimension: {…}}}`."""
    figures: dict[str, Any] = defaultdict(dict)
    for m in movements:
        figures[m.variant][m.dimension] = {
            "compared_with": m.compared_with,
            "n": m.n,
            "missing": m.missing,
            "moved": m.moved,
            "mean_shift": m.mean_shift,
            "mean_move": m.mean_move,
            "largest": m.largest,
        }
    return dict(figures)


def as_table(movements: Sequence[Movement]) -> str:
    """In Markdown: a row per variant, per dimension the mean shift and the share of transcripts whose answer moved."""
    dimensions = list(dict.fromkeys(m.dimension for m in movements))
    cells = {(m.variant, m.dimension): _cell(m) for m in movements}
    lines = [["", *(d.replace("_", " ") for d in dimensions)], ["---"] * (len(dimensions) + 1)]
    for variant in dict.fromkeys(m.variant for m in movements):
        lines.append([_words(variant), *(cells[variant, dimension] for dimension in dimensions)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def reservations(rubric: Rubric) -> tuple[str, ...]:
    """A sentence for everything that an audit by `rubric` leaves unchecked; none where it checks all there is."""
    told = [f"{_words(name)} was left out: {why}." for name, why in left_out(rubric).items()]
    if rubric.paraphrases and rubric.not_paraphrased:
        told.append(f"{_words('rubric_paraphrased')} left as they were: {', '.join(rubric.not_paraphrased)}.")
    return tuple(told)


def audit_tasks(source: Path, *, rubric: Rubric, member: Member) -> Iterator[Task]:
    """What an audit asks: each transcript of `source` under every variant."""
    asked = [(variant, variant.of_rubric(rubric)) for variant in variants(rubric)]
    for transcript in transcripts_for(source, rubric):
        for variant, changed in asked:
            repeat = 2 if variant.name == "asked_again" else 1
            key = RowKey(transcript.id, member.names[0], repeat)
            yield Task(key, variant.of_transcript(transcript, rubric), changed, member)


def _movement(dimension: str, variant: Variant, now: Mapping[str, Rating], before: Mapping[str, Rating]) -> Movement:
    pairs = [(_answer(before[id_], dimension), _answer(rating, dimension)) for id_, rating in now.items()]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    shifts = [b - a for a, b in both if isinstance(a, int) and isinstance(b, int)]
    return Movement(
        variant=variant.name,
        compared_with=variant.compared_with,
        dimension=dimension,
        n=len(both),
        missing=len(pairs) - len(both),
        moved=fmean(a != b for a, b in both) if both else None,
        mean_shift=fmean(shifts) if shifts else None,
        mean_move=fmean(map(abs, shifts)) if shifts else None,
        largest=max(shifts, key=abs) if shifts else None,
    )


def _answer(rating: Rating, dimension: str) -> int | tuple[str, ...] | None:
    found = rating.findings[dimension]
    if not isinstance(found, Finding):
        return None
    return tuple(sorted(found.labels or ())) if found.score is None else found.score


def _words(variant: str) -> str:
    return variant.replace("_", " ")


def _cell(movement: Movement) -> str:
    if movement.moved is None:
        return "–"
    shift = "" if movement.mean_shift is None else f"{movement.mean_shift:+.2f}, "
    return f"{shift}{movement.moved:.0%} moved"
