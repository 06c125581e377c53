"""Reading what `agree` compares: a judge's rows or exported scores, and people's ratings or exported scores."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from core.cells import unmarked
from core.errors import Unusable
from core.written import text_of
from judges.agree import Given

HUMAN = "human:"
_SCORES = ("conversation_id", "model", "dimension", "score")


@dataclass(frozen=True, slots=True)
class JudgeScores:
    """What one judge has said, repeats averaged."""

    model: str
    scores: Given
    reason: Mapping[tuple[str, str], str]
    """By dimension and transcript."""
    evidence: Mapping[tuple[str, str], tuple[str, ...]]
    runs: tuple[Given, ...] = ()
    """The scores of each repeat by itself, in the file's order; none where nothing was repeated."""


@dataclass(frozen=True, slots=True)
class Said:
    """One score that somebody gave; None where it is missing."""

    rater: str
    dimension: str
    id: str
    score: float | None
    repeat: str = "1"
    rubric: str = ""
    """Name and version; empty where nothing is said of it."""


def read_judge(path: Path, *, model: str | None = None) -> JudgeScores:
    """The scores in a judge's file, or those of models in an exported `scores.csv`.

    Raises `Unusable` for a broken line, for no score at all, and for several models unless `model` names one.
    """
    rows = list(_rows(path))
    found = [said for row in rows for said in _said(row, path) if not said.rater.startswith(HUMAN)]
    models = sorted({said.rater for said in found})
    if model is not None and model not in models:
        raise Unusable(f"{path}: no score by {model}; there is {', '.join(models) or 'none at all'}")
    if model is None and len(models) != 1:
        raise Unusable(f"{path}: scores by {', '.join(models) or 'no model'}; name one with --judge-model")
    chosen = model or models[0]
    rubrics = sorted({str(row.get("rubric") or row.get("judge")) for _, row in rows if row.get("model") == chosen})
    if len(rubrics) > 1:
        raise Unusable(f"{path}: scores by several rubrics, {', '.join(rubrics)}; compare one at a time")
    own = [said for said in found if said.rater == chosen]
    texts = [row for _, row in rows if row.get("model") == chosen and isinstance(row.get("reason"), dict)]
    return JudgeScores(
        model=chosen,
        scores=_given(own),
        reason={(d, row["id"]): str(text) for row in texts for d, text in row["reason"].items()},
        evidence={(d, row["id"]): tuple(quotes) for row in texts for d, quotes in row["evidence"].items()},
        runs=_runs(own),
    )


def read_reference(path: Path) -> dict[str, Given]:
    """The ratings in a transcript file, or those of people in an exported `scores.csv`, by rater.

    Raises `Unusable` for a broken line and for a file without a rating.
    """
    rows = list(_rows(path))
    if any("messages" in row or "ratings" in row for _, row in rows):
        found = [said for row in rows for said in _rated(row, path)]
    else:
        found = [said for row in rows for said in _said(row, path) if said.rater.startswith(HUMAN)]
    raters = dict.fromkeys(said.rater for said in found)
    if not raters:
        raise Unusable(f"{path}: no ratings of people: lines need `ratings`, scores a model {HUMAN}…")
    return {rater: _given([said for said in found if said.rater == rater]) for rater in raters}


def read_scores(path: Path) -> list[Said]:
    """Every score in a judge's file or an exported `scores.csv`, of models and people alike; raises `Unusable`."""
    return [said for row in _rows(path) for said in _said(row, path)]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a JSON Lines or CSV file with their line numbers."""
    text = text_of(path)
    if path.suffix == ".csv":
        lines = csv.DictReader(text.splitlines())
        if missing := set(_SCORES) - set(lines.fieldnames or ()):
            raise Unusable(f"{path}:1: no exported scores: {', '.join(sorted(missing))} missing")
        yield from ((lines.line_num, {k: unmarked(v or "") for k, v in row.items() if k}) for row in lines)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, _object(line, where=f"{path}:{number}")


def _object(line: str, *, where: str) -> dict[str, Any]:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raise Unusable(f"{where}: not a line of JSON") from None
    if not isinstance(raw, dict):
        raise Unusable(f"{where}: not an object")
    return raw


def _said(row: tuple[int, dict[str, Any]], path: Path) -> Iterator[Said]:
    number, raw = row
    where = f"{path}:{number}"
    if "conversation_id" in raw:
        score = _number(raw["score"], where=where)
        said = Said(raw["model"], raw["dimension"], raw["conversation_id"], score)
        yield replace(said, repeat=raw.get("repeat") or "1", rubric=_rubric(raw, "judge"))
        return
    if not isinstance(raw.get("scores"), dict) or not isinstance(raw.get("model"), str) or "id" not in raw:
        raise Unusable(f"{where}: no row of a judge that rates")
    for dimension, score in raw["scores"].items():
        said = Said(raw["model"], dimension, str(raw["id"]), _number(score, where=where))
        yield replace(said, repeat=str(raw.get("repeat", 1)), rubric=_rubric(raw, "rubric"))


def _rubric(raw: Mapping[str, Any], name: str) -> str:
    return " ".join(str(raw[key]) for key in (name, "rubric_version") if raw.get(key))


def _rated(row: tuple[int, dict[str, Any]], path: Path) -> Iterator[Said]:
    number, raw = row
    where = f"{path}:{number}"
    ratings = raw.get("ratings")
    if not isinstance(ratings, dict) or not all(isinstance(given, dict) for given in ratings.values()):
        raise Unusable(f"{where}: no `ratings` to compare with")
    for rater, given in ratings.items():
        for dimension, score in given.items():
            yield Said(rater, dimension, str(raw.get("id")), _number(score, where=where))


def _number(raw: object, *, where: str) -> float | None:
    if raw is None or raw == "":
        return None
    try:
        number = float(raw) if isinstance(raw, int | float | str) and not isinstance(raw, bool) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Unusable(f"{where}: {raw!r} is no score")
    return number


def _runs(found: list[Said]) -> tuple[Given, ...]:
    repeats = dict.fromkeys(said.repeat for said in found)
    if len(repeats) < 2:
        return ()
    return tuple(_given([said for said in found if said.repeat == repeat]) for repeat in repeats)


def _given(found: list[Said]) -> Given:
    """The scores by dimension and transcript, repeats averaged, missing ones left out."""
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for said in found:
        if said.score is not None:
            scores[said.dimension][said.id].append(said.score)
    return {d: {id_: fmean(given) for id_, given in by_id.items()} for d, by_id in scores.items()}
