"""Where judge and experts are furthest apart: a list to read, with the judge's reasons."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import fmean

from core.cells import marked
from core.errors import Unusable
from judges.agree import Compared
from judges.agree_source import JudgeScores


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One dimension of one transcript."""

    id: str
    dimension: str
    gap: float
    """Judge minus the experts' mean, in points of the scale."""
    judge: float
    experts: str
    """What each of them gave."""
    spread: float
    """The experts' highest minus their lowest."""
    reason: str
    evidence: str


def disagreements(judge: JudgeScores, compared: Compared) -> list[Disagreement]:
    """Every score that differs from the experts' mean, the widest gap first; of equals those the experts agree on."""
    found = []
    for dimension in compared.dimensions:
        for id_, score in judge.scores[dimension].items():
            given = {
                name: by_id[id_]
                for name in compared.experts
                if id_ in (by_id := compared.reference[name].get(dimension, {}))
            }
            if given and (gap := score - fmean(given.values())):
                found.append(
                    Disagreement(
                        id=id_,
                        dimension=dimension,
                        gap=gap,
                        judge=score,
                        experts=", ".join(f"{name} {value:g}" for name, value in given.items()),
                        spread=max(given.values()) - min(given.values()),
                        reason=judge.reason.get((dimension, id_), ""),
                        evidence=" · ".join(judge.evidence.get((dimension, id_), ())),
                    )
                )
    return sorted(found, key=lambda entry: (-abs(entry.gap), entry.spread, entry.id))


def write_disagreements(path: Path, found: Sequence[Disagreement]) -> None:
    """`found` as CSV. Raises `Unusable` when it cannot be written."""
    columns = [field.name for field in fields(Disagreement)]
    try:
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(columns)
            rows.writerows([_cell(getattr(entry, column)) for column in columns] for entry in found)
    except OSError as error:
        raise Unusable(f"{path}: cannot be written ({error.strerror})") from None


def _cell(value: str | float) -> str:
    return marked(value) if isinstance(value, str) else f"{value:.3g}"
