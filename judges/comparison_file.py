"""Comparing a whole transcript file: N pairs per scenario, in rounds, picked up where an earlier run ended."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from random import Random

from core.cells import marked, unmarked
from core.errors import Unusable
from core.transcript import Transcript
from core.written import check_ordinary
from judges.compare import LETTERS, TIE, Comparer, Comparison
from judges.elo import Elo, Outcome
from judges.in_order import AT_ONCE, in_order
from judges.pairs import Meetings, Pair, next_pairs
from judges.rowfile import LineFile


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One line of the file: a pair and what came of it; a field that is empty is missing."""

    scenario: str
    order: str
    """Place in the order in which the scenario's pairs were asked, from 1."""
    a_id: str
    b_id: str
    winner: str
    """`A`, `B`, `tie`, or empty."""
    model: str
    prompt_version: str
    failure: str
    first: str
    """The letter answered with A shown first."""
    second: str
    """The letter answered with the two exchanged."""

    @property
    def outcome(self) -> Outcome | None:
        """The decision; None where there is none."""
        share = {"A": 1.0, "B": 0.0, TIE: 0.5}.get(self.winner)
        return None if share is None else Outcome(self.a_id, self.b_id, share)


COLUMNS = tuple(field.name for field in fields(ComparedRow))
Pools = Mapping[str, Sequence[Transcript]]
"""The transcripts to be compared, by scenario; one without a scenario belongs to the empty one."""


@dataclass(frozen=True, slots=True)
class Tournament:
    """What is to be compared, and how often."""

    pools: Pools
    pairs: int
    """Per scenario that has two transcripts or more."""
    seed: int
    start: float
    k: float

    @property
    def total(self) -> int:
        return self.pairs * sum(len(pool) > 1 for pool in self.pools.values())


async def compare_file(
    tournament: Tournament,
    out: Path,
    *,
    comparer: Comparer,
    model: str,
    at_once: int = AT_ONCE,
    progress: Callable[[int, int], None],
) -> list[ComparedRow]:
    """Compare as `tournament` says into `out`, and return all its rows, by scenario and order.

    Which pairs come is drawn from the seed and from what was decided before, so that a run that was stopped draws the
    same ones again and only asks about those that are not in `out`. `progress` is told how many are done, of how many.

    Raises `Unusable` when `out` holds something else or cannot be written, and `NotAsked` when a cap is reached;
    finished rows are kept.
    """
    kept, end = _read_kept(out)
    rows: list[ComparedRow] = []
    progress(len(kept), tournament.total)
    with LineFile(out, end=end) as file:
        if not end:
            file.append(_as_csv(COLUMNS))
        for scenario, pool in tournament.pools.items():
            if len(pool) < 2:
                continue
            done = [row for row in kept if row.scenario == scenario]
            asked = _Pool(scenario, pool, comparer=comparer, model=model, finished=done, out=out, at_once=at_once)
            async for row, is_new in asked.rows(tournament):
                rows.append(row)
                if is_new:
                    file.append(_as_csv([marked(str(getattr(row, column))) for column in COLUMNS]))
                    progress(len(rows), tournament.total)
    if len(rows) < len(kept):
        raise Unusable(f"{out}: holds {len(kept)} comparisons, {len(rows)} are asked for; name another file for --out")
    return rows


class _Pool:
    """The comparisons of one scenario."""

    def __init__(
        self,
        scenario: str,
        pool: Sequence[Transcript],
        *,
        comparer: Comparer,
        model: str,
        finished: Sequence[ComparedRow],
        out: Path,
        at_once: int,
    ) -> None:
        self._scenario = scenario
        self._by_id = {transcript.id: transcript for transcript in pool}
        self._comparer, self._model = comparer, model
        self._finished, self._out = finished, out
        self._at_once = at_once

    async def rows(self, tournament: Tournament) -> AsyncIterator[tuple[ComparedRow, bool]]:
        """Each row in order, and whether it is new; a round is asked about side by side, then the ratings move."""
        ids = sorted(self._by_id)
        elo = Elo(start=tournament.start, k=tournament.k)
        elo.enter(ids)
        meetings, order, number = Meetings(), 0, 0
        while order < tournament.pairs:
            draw = Random(f"{tournament.seed}/{self._scenario}/{number}")  # noqa: S311 - a drawn sample, no secret
            size = min(max(len(ids) // 2, 1), tournament.pairs - order)
            pairs = list(next_pairs(ids, elo.ratings, meetings, number=size, draw=draw))
            async for row, is_new in self._round(pairs, order=order):
                if row.outcome:
                    elo.record(row.outcome)
                yield row, is_new
            order += size
            number += 1

    async def _round(self, pairs: Sequence[Pair], *, order: int) -> AsyncIterator[tuple[ComparedRow, bool]]:
        known = self._finished[order : order + len(pairs)]
        for pair, row in zip(pairs, known, strict=False):
            if (row.a_id, row.b_id, row.model) != (pair.a, pair.b, self._model):
                raise Unusable(
                    f"{self._out}: the pair {row.a_id} and {row.b_id} by {row.model} is none of this run; "
                    "name another file for --out"
                )
            yield row, False
        asked = (
            partial(self._comparer.compare, self._by_id[pair.a], self._by_id[pair.b]) for pair in pairs[len(known) :]
        )
        place = order + len(known)
        async with aclosing(in_order(asked, at_once=self._at_once)) as compared:
            async for comparison in compared:
                yield self._row(pairs[place - order], comparison, order=place + 1), True
                place += 1

    def _row(self, pair: Pair, comparison: Comparison, *, order: int) -> ComparedRow:
        first, second = comparison.letters
        return ComparedRow(
            scenario=self._scenario,
            order=str(order),
            a_id=pair.a,
            b_id=pair.b,
            winner=comparison.winner or "",
            model=comparison.model or self._model,
            prompt_version=self._comparer.prompt_version,
            failure=comparison.failure or "",
            first=first or "",
            second=second or "",
        )


def read_compared(path: Path) -> list[ComparedRow]:
    """The rows of a file of comparisons. Raises `Unusable` where it is none."""
    return _read_kept(path)[0]


def _read_kept(out: Path) -> tuple[list[ComparedRow], int]:
    """The whole rows of `out`, and the byte at which the last of them ends; what breaks off there is left out."""
    if not out.exists():
        return [], 0
    check_ordinary(out)
    try:
        raw = out.read_bytes()
        text = raw[: raw.rfind(b"\n") + 1].decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Unusable(f"{out}: cannot be read as CSV; name another file for --out") from None
    return list(_parse(text, out)), len(text.encode("utf-8"))


def _parse(text: str, out: Path) -> Iterator[ComparedRow]:
    lines = csv.reader(io.StringIO(text, newline=""))
    if text and tuple(next(lines)) != COLUMNS:
        raise Unusable(f"{out}:1: no file of comparisons; name another file for --out")
    for cells in lines:
        if len(cells) != len(COLUMNS):
            raise Unusable(f"{out}:{lines.line_num}: no row of a comparison; name another file for --out")
        row = ComparedRow(*map(unmarked, cells))
        if row.winner not in (*LETTERS, TIE, ""):
            raise Unusable(f"{out}:{lines.line_num}: the winner must be A, B, tie or empty, not {row.winner!r}")
        yield row


def _as_csv(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([" ".join(cell.splitlines()) for cell in cells])
    return line.getvalue()
