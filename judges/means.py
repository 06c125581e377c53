"""Mean scores by source: of corpora, models or whatever else the transcripts come from (SS-54, SE-29)."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
from scipy.stats import t

from core.cells import unmarked
from core.errors import Unusable
from core.written import text_of
from judges.agree_source import Said, read_scores
from judges.criteria import Scale
from judges.rubric import load_rubric, shipped
from llm.rules import RULES_NOTICE, is_rules

SOURCES = ("id", "source")
"""The columns of a file that says where each transcript comes from."""


def read_sources(path: Path) -> dict[str, str]:
    """Transcript id -> source, from a CSV file with these two columns. Raises `Unusable`."""
    lines = csv.DictReader(io.StringIO(text_of(path), newline=""))
    if not set(SOURCES) <= set(lines.fieldnames or ()):
        raise Unusable(f"{path}:1: the columns must be {' and '.join(SOURCES)}")
    sources: dict[str, str] = {}
    for row in lines:
        id_, source = (unmarked(row[column] or "") for column in SOURCES)
        if not id_ or not source or sources.setdefault(id_, source) != source:
            raise Unusable(f"{path}:{lines.line_num}: needs an id and one source for it")
    return sources


@dataclass(frozen=True, slots=True)
class Means:
    """What `means` has found."""

    figures: dict[str, Any]
    """`{source: {dimension: {…}}}`"""
    by_rules: bool
    """Whether the built-in rules gave any of the scores."""


def means(files: Sequence[Path], sources: Mapping[str, str] | None = None) -> Means:
    """Figures by source and dimension over the scores in `files`, as `judge` writes them or `export` does.

    Each transcript counts once: what raters, models and repeats gave it is averaged first. `mean` and `sd` (ddof 1) are
    in points of the rubric's scale, `n` counts transcripts with a score and `missing` scores that are not there. `ci`
    is the 95 % interval by t, cut at the ends of the scale where a shipped rubric says what they are: no mean lies
    beyond, so that it still covers the mean as often. Without `sources` a source is a file, named by its stem. Raises
    `Unusable` for a faulty file, for two of one name, for a transcript whose source is not told, and for a dimension
    that is rated by two rubrics or by two versions of one: each has a scale of its own.
    """
    stems = [file.stem for file in files]
    if sources is None and len(set(stems)) < len(stems):
        raise Unusable(f"two files are called {max(stems, key=stems.count)}: name the sources in a file (--sources)")
    found: dict[str, dict[str, list[Said]]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        for said in read_scores(file):
            source = file.stem if sources is None else sources.get(said.id)
            if source is None:
                raise Unusable(f"{file}: the source of {said.id!r} is not told")
            found[source][said.dimension].append(said)
    if not found:
        raise Unusable("there is no score in these files")
    everything = [said for by_d in found.values() for all_said in by_d.values() for said in all_said]
    _check_one_scale(everything)
    scales = {rubric: _scale(rubric) for rubric in {said.rubric for said in everything}}
    figures = {
        source: {d: _described(all_said, scales[all_said[0].rubric]) for d, all_said in by_d.items()}
        for source, by_d in found.items()
    }
    return Means(figures, by_rules=any(is_rules(said.rater) for said in everything))


def as_table(found: Means) -> str:
    """In Markdown: a row per source, a column per dimension, mean and 95 % interval."""
    figures = found.figures
    dimensions = list(dict.fromkeys(d for by_d in figures.values() for d in by_d))
    lines = [["source", "n", *(d.replace("_", " ") for d in dimensions)], ["---"] * (len(dimensions) + 2)]
    for source, by_d in figures.items():
        n = max(of["n"] for of in by_d.values())
        lines.append([source, str(n), *(_cell(by_d.get(d)) for d in dimensions)])
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\nScores by {RULES_NOTICE}" if found.by_rules else table


def _check_one_scale(everything: Iterable[Said]) -> None:
    """Sources stand in one column, so that their scores have to be on one scale."""
    rubrics: dict[str, str] = {}
    for said in everything:
        if rubrics.setdefault(said.dimension, said.rubric) != said.rubric:
            both = " and by ".join(
                sorted(name or "a rubric without a name" for name in (rubrics[said.dimension], said.rubric))
            )
            raise Unusable(f"{said.dimension} is rated by {both}: show the scores of one rubric at a time")


def _scale(rubric: str) -> Scale | None:
    """The scale of a shipped rubric by its name and version; None for any other."""
    name, _, version = rubric.partition(" ")
    if name not in shipped():
        return None
    found = load_rubric(name)
    return found.scale if found.version == version else None


def _described(all_said: Sequence[Said], scale: Scale | None) -> dict[str, Any]:
    given: dict[str, list[float]] = defaultdict(list)
    for said in all_said:
        if said.score is not None:
            given[said.id].append(said.score)
    values = [fmean(scores) for scores in given.values()]
    sd = stdev(values) if len(values) > 1 else np.nan
    mean = fmean(values) if values else np.nan
    half = float(t.ppf(0.975, len(values) - 1)) * sd / len(values) ** 0.5 if len(values) > 1 else np.nan
    low, high = (scale.low, scale.high) if scale else (-np.inf, np.inf)
    ci = [np.maximum(mean - half, low), np.minimum(mean + half, high)]
    missing = sum(said.score is None for said in all_said)
    return {"mean": mean, "sd": sd, "ci": ci, "n": len(values), "missing": missing}


def _cell(of: Mapping[str, Any] | None) -> str:
    if of is None or not of["n"]:
        return "–"
    low, high = of["ci"]
    return f"{of['mean']:.2f}" + ("" if np.isnan(low) else f" [{low:.2f}, {high:.2f}]")
