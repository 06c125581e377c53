"""How far repeats of one judge, and judges among themselves, spread over the same transcripts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

_Given = Mapping[str, Mapping[str, Sequence[int]]]
"""Scores of one dimension by model and transcript, one per repeat that gave any."""


def spread(out: Path) -> dict[str, Any]:
    """`{dimension: {"models": {model: {…}}, "pairs": {…}}}` from the rows of a judge that rates.

    Per model: `mean`, the number `n` of transcripts with a score and `missing` rows; over those with two repeats or
    more, `repeat_sd` (mean standard deviation, ddof 1) and `repeats_equal` (share in which all agree). Per pair of
    models: `difference` (first minus second) and `gap` (without sign), both means over the transcripts that both have
    scored, repeats averaged first. What there is nothing to compute from is None.
    """
    scores: dict[str, dict[str, dict[str, list[int]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    missing: dict[tuple[str, str], int] = defaultdict(int)
    for line in out.read_text(encoding="utf-8").split("\n"):
        if not line.strip():
            continue
        row = json.loads(line)
        for dimension, score in row["scores"].items():
            by_id = scores[dimension][row["model"]]
            if score is None:
                missing[dimension, row["model"]] += 1
            else:
                by_id[row["id"]].append(score)
    return {
        dimension: {
            "models": {m: _of_model(by_id) | {"missing": missing[dimension, m]} for m, by_id in given.items()},
            "pairs": {f"{a} − {b}": _of_pair(given, a, b) for a, b in combinations(given, 2)},
        }
        for dimension, given in scores.items()
    }


def as_table(figures: Mapping[str, Any]) -> str:
    """In Markdown: a row per dimension and model, then one per pair of models."""
    lines = ["| dimension | model | mean | SD of repeats | all repeats equal | missing |", "| --- " * 6 + "|"]
    for dimension, found in figures.items():
        for model, of in found["models"].items():
            cells = [dimension, model, *map(_cell, (of["mean"], of["repeat_sd"], of["repeats_equal"]))]
            lines.append(f"| {' | '.join(cells)} | {of['missing']} |")
        for pair, of in found["pairs"].items():
            lines.append(f"| {dimension} | {pair} | {_cell(of['difference'])} (apart {_cell(of['gap'])}) | | | |")
    return "\n".join(lines)


def _of_model(by_id: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    repeated = [given for given in by_id.values() if len(given) > 1]
    return {
        "mean": _mean([fmean(given) for given in by_id.values() if given]),
        "n": sum(bool(given) for given in by_id.values()),
        "repeat_sd": _mean([stdev(given) for given in repeated]),
        "repeats_equal": _mean([float(len(set(given)) == 1) for given in repeated]),
    }


def _of_pair(given: _Given, first: str, second: str) -> dict[str, Any]:
    shared = [id_ for id_, scores in given[first].items() if scores and given[second].get(id_)]
    gaps = [fmean(given[first][id_]) - fmean(given[second][id_]) for id_ in shared]
    return {"difference": _mean(gaps), "gap": _mean([abs(gap) for gap in gaps]), "n": len(shared)}


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
