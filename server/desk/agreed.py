"""How far a judge agrees with the raters of a study, and they with one another, as the desk shows it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from statistics import mean
from typing import Any

from judges.agree import Agreement, Compared, Given
from judges.agree_source import HUMAN, JudgeScores
from judges.disagreements import disagreements
from server.desk.judging import ADDRESS, conversation_url
from server.desk.rated import Rated

DRAWS = 400
"""Resamples for the intervals of a page that somebody waits for; `lendanear agree` draws more."""
MOST_READ = 20
"""Disagreements that are listed to be read."""
FIGURES = ("kappa_quadratic", "spearman", "alpha_ordinal", "icc_2_1", "mean_shift")
AMONG = ("alpha_ordinal", "icc_2_1")


def agreement_shown(found: Rated) -> dict[str, Any]:
    """For each judge whose scores came with the conversations: its agreement with the raters, and theirs beside it."""
    people = people_scores(found)
    judges = judges_scores(found)
    return {
        "title": found.bundle.study.title,
        "url": f"{ADDRESS}/{found.bundle.slug}",
        "raters": len(people),
        "has_judge": bool(judges),
        "judges": [_judge_shown(found, judge, people) for judge in judges],
    }


def people_scores(found: Rated) -> dict[str, Given]:
    """What each rater gave, by name, dimension and transcript."""
    people: dict[str, dict[str, dict[str, float]]] = {}
    for name, by_id in sorted(found.ratings.items()):
        given = people.setdefault(HUMAN + name, {criterion.id: {} for criterion in found.form.criteria})
        for id_, by_dimension in by_id.items():
            for dimension, score in by_dimension.items():
                given[dimension][id_] = float(score)
    return dict(people)


def judges_scores(found: Rated) -> list[JudgeScores]:
    """What each judge gave on the raters' own rubric, by its model; repeats averaged, what is missing left out."""
    given: dict[str, dict[str, dict[str, list[int]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for row in found.stimuli.scores:
        if row.judge == found.form.rubric and row.score is not None:
            given[row.model][row.dimension][row.transcript_id].append(row.score)
    return [
        JudgeScores(
            model=model,
            scores={d: {id_: mean(scores) for id_, scores in by_id.items()} for d, by_id in by_dimension.items()},
            reason={},
            evidence={},
        )
        for model, by_dimension in sorted(given.items())
    ]


def _judge_shown(found: Rated, judge: JudgeScores, people: Mapping[str, Given]) -> dict[str, Any]:
    compared = Compared(judge.model, judge.scores, people)
    if not compared.has_items_in_common:
        return {"name": judge.model, "rows": [], "places": [], "confusion": [], "apart": []}
    report = Agreement(compared, draws=DRAWS).report()
    names = {criterion.id: criterion.name for criterion in found.form.criteria}
    dimensions = [dimension for dimension in names if dimension in report[judge.model]]
    return {
        "name": judge.model,
        "dimensions": [names[dimension] for dimension in dimensions],
        "rows": [_row(names[d], report[judge.model][d]) for d in dimensions],
        "places": [
            {"name": rater.removeprefix(HUMAN), "cells": [_in_place(report, rater, judge.model, d) for d in dimensions]}
            for rater in (judge.model, *people)
        ],
        "confusion": [_confusion(names[d], [report[name].get(d, {}) for name in people], found) for d in dimensions],
        "apart": [
            {
                "transcript": one.id,
                "dimension": names[one.dimension],
                "judged": one.judge,
                "rated": one.judge - one.gap,
                "url": conversation_url(found, one.id),
            }
            for one in disagreements(judge, compared)[:MOST_READ]
        ],
    }


def _row(name: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    """One dimension: the judge with single raters on average, and the raters among themselves."""
    among = figures.get("among_experts", {})
    return {
        "name": name,
        "cells": [_cell(figures, figure) for figure in FIGURES],
        "among": [_cell(among, figure) for figure in AMONG],
    }


def _in_place(report: Mapping[str, Any], rater: str, judge: str, dimension: str) -> dict[str, Any]:
    """Kappa of a rater, or of the judge in a rater's place, with the raters that are not the same."""
    figures = report[rater].get(dimension, {})
    return _cell(figures if rater == judge else figures.get("with_experts", {}), FIGURES[0])


def _cell(figures: Mapping[str, Any], figure: str) -> dict[str, Any]:
    """A figure with the edges of its interval; None where it is undefined."""
    low, high = figures.get("ci", {}).get(figure, (math.nan, math.nan))
    return {"value": _known(figures.get(figure, math.nan)), "low": _known(low), "high": _known(high)}


def _known(figure: float) -> float | None:
    return None if math.isnan(figure) else figure


def _confusion(name: str, figures: list[Mapping[str, Any]], found: Rated) -> dict[str, Any]:
    """How often the judge gave each value where a rater gave each, over all raters."""
    counts: Counter[tuple[str, str]] = Counter()
    for by_value in (one.get("confusion", {}) for one in figures):
        counts.update({(mine, theirs): n for mine, row in by_value.items() for theirs, n in row.items()})
    values = [str(value) for value in range(found.form.lowest, found.form.highest + 1)]
    given = sorted({mine for mine, _ in counts}, key=float)
    rows = [{"judge": mine, "cells": [counts[mine, theirs] for theirs in values]} for mine in given]
    return {"name": name, "values": values, "rows": rows}
