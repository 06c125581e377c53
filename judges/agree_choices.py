"""How often people choose the conversation that a judge has chosen from the same pair."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.cells import unmarked
from core.errors import Unusable
from core.written import text_of
from judges.comparison_file import ComparedRow, read_compared

_COLUMNS = ("rater_id", "left_id", "right_id", "choice")
_EDGES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One trial of one person, where the judge has an opinion."""

    rater: str
    pair: frozenset[str]
    matches: float
    """1 when both chose the same, 0 when not, 0.5 where the judge's answer turned with the order."""


def is_choices(path: Path) -> bool:
    """Whether `path` is an exported file of choices. Raises `Unusable`."""
    head, _, _ = text_of(path).partition("\n")
    return set(_COLUMNS) <= {name.strip('"') for name in head.split(",")}


def agree_on_choices(comparisons: Path, choices: Path, *, draws: int, seed: int = 1) -> tuple[dict[str, Any], str]:
    """`{rater: {"choice": {…}}}` with everybody under `everybody`, and the same in a sentence.

    `match`: share of trials in which the person chose the judge's own choice for that pair (LE-151, C-15), a tie of the
    judge counting half; its interval resamples raters. `people`: how often two people who saw the same pair chose the
    same. Pairs that the judge has not compared are left out and counted. Raises `Unusable`.
    """
    judged = _by_pair(read_compared(comparisons), comparisons)
    trials = _trials(choices)
    found = [_chosen(trial, judged) for trial in trials]
    known = [trial for trial in found if trial]
    if not known:
        raise Unusable(f"{comparisons} and {choices} have no pair in common")
    by_rater: dict[str, list[float]] = defaultdict(list)
    for trial in known:
        by_rater[trial.rater].append(trial.matches)
    report = {rater: {"choice": {"match": float(np.mean(m)), "n": len(m)}} for rater, m in sorted(by_rater.items())}
    match = float(np.mean([trial.matches for trial in known]))
    ci = _interval(list(by_rater.values()), draws=draws, seed=seed)
    people = _people(trials)
    everybody = {"match": match, "ci": ci, "people": people, "n": len(known), "not_compared": len(found) - len(known)}
    between = "" if people is None else f" Two people who saw the same pair chose alike in {people:.3f} of cases."
    share = f"{match:.3f} [{ci[0]:.3f}, {ci[1]:.3f}]"
    sentence = f"The judge's choice was the person's in {share} of {len(known)} trials.{between}"
    return {"everybody": {"choice": everybody}, **report}, sentence


def _by_pair(rows: Sequence[ComparedRow], path: Path) -> dict[frozenset[str], ComparedRow]:
    """The judge's last decision on each pair."""
    if not rows:
        raise Unusable(f"{path}: holds no comparison")
    return {frozenset((row.a_id, row.b_id)): row for row in rows if row.outcome}


def _trials(path: Path) -> list[dict[str, str]]:
    trials = []
    lines = csv.DictReader(io.StringIO(text_of(path), newline=""))
    for row in lines:
        trial = {column: unmarked(row.get(column) or "") for column in _COLUMNS}
        if trial["choice"] not in ("left", "right"):
            raise Unusable(f"{path}:{lines.line_num}: the choice must be left or right, not {trial['choice']!r}")
        trials.append(trial)
    return trials


def _chosen(trial: dict[str, str], judged: dict[frozenset[str], ComparedRow]) -> Chosen | None:
    pair = frozenset((trial["left_id"], trial["right_id"]))
    row = judged.get(pair)
    if row is None or row.outcome is None:
        return None
    share = row.outcome.share if _taken(trial) == row.a_id else 1 - row.outcome.share
    return Chosen(trial["rater_id"], pair, share)


def _taken(trial: dict[str, str]) -> str:
    return trial[f"{trial['choice']}_id"]


def _people(trials: Sequence[dict[str, str]]) -> float | None:
    """The share of pairs of people who chose alike, over all pairs of conversations that two or more have seen."""
    taken: dict[frozenset[str], list[str]] = defaultdict(list)
    for trial in trials:
        taken[frozenset((trial["left_id"], trial["right_id"]))].append(_taken(trial))
    alike = among = 0
    for choices in taken.values():
        counts = [choices.count(id_) for id_ in set(choices)]
        alike += sum(count * (count - 1) // 2 for count in counts)
        among += len(choices) * (len(choices) - 1) // 2
    return alike / among if among else None


def _interval(by_rater: Sequence[Sequence[float]], *, draws: int, seed: int) -> list[float]:
    drawn = np.random.default_rng(seed).integers(0, len(by_rater), size=(draws, len(by_rater)))
    sums, counts = np.array([sum(m) for m in by_rater]), np.array([len(m) for m in by_rater])
    shares = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return [float(edge) for edge in np.percentile(shares, _EDGES)]
