"""The tables of `agree` in Markdown: every rater in the judge's place, against the experts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.count import counted
from judges.agree import CORRELATIONS, Agreement, interval
from llm.rules import RULES_NOTICE, is_rules

FIGURES = {
    "kappa_quadratic": "Quadratic-weighted kappa",
    "spearman": "Spearman's rho",
    "pearson": "Pearson's r",
    "alpha_ordinal": "Krippendorff's alpha, ordinal",
    "icc_2_1": "ICC(2,1)",
    "mean_shift": "Mean shift (rater minus expert, points)",
}
"""What is shown, in this order, with its heading."""


def tables(agreement: Agreement) -> str:
    """One table per figure: a row per rater, a column per dimension and their mean, 95 % intervals in brackets."""
    compared = agreement.compared
    experts = ", ".join(compared.experts)
    parts = [
        f"Each figure is the average over single experts ({experts}), an expert's own over the others; "
        f"brackets hold the middle 95 % of the resamples of {counted(len(compared.items()), 'transcript')}."
    ]
    for figure, heading in FIGURES.items():
        parts.append(f"**{heading}**\n\n{_table(agreement, figure)}")
    if compared.runs:
        parts.append(f"**Each of {len(compared.runs)} runs by itself (mean ± SD)**\n\n{_runs_table(agreement)}")
    if is_rules(compared.judge):
        parts.append(f"{compared.judge}: {RULES_NOTICE.partition(': ')[2]}")
    return "\n\n".join(parts)


def lead(agreement: Agreement, rater: str, figure: str) -> tuple[float, list[float]]:
    """By how much the judge's mean over the dimensions is above that of `rater`, with its paired 95 % interval."""
    compared = agreement.compared
    dimensions = [d for d in compared.dimensions if d in compared.reference[rater]]
    mine, theirs = (_over(agreement, name, dimensions, figure)[-1] for name in (compared.judge, rater))
    return float((mine - theirs)[0]), interval(mine - theirs)


def _table(agreement: Agreement, figure: str) -> str:
    compared = agreement.compared
    dimensions = compared.dimensions
    head = [compared.judge, *(name for name in compared.reference if _can_replace(agreement, name))]
    lines = [_line(["", *(d.replace("_", " ") for d in dimensions), "mean"]), _line(["---"] * (len(dimensions) + 2))]
    lines += [_line([name, *map(_cell, _over(agreement, name, dimensions, figure))]) for name in head]
    return "\n".join(lines)


def _runs_table(agreement: Agreement) -> str:
    """A row per correlation, a column per dimension: mean and SD over the judge's runs, with single experts."""
    dimensions = agreement.compared.dimensions
    each = [agreement.run_correlations(dimension) for dimension in dimensions]
    lines = [_line(["", *(d.replace("_", " ") for d in dimensions)]), _line(["---"] * (len(dimensions) + 1))]
    for figure in CORRELATIONS:
        values = (found[figure] for found in each)
        lines.append(_line([FIGURES[figure], *(f"{v.mean():.2f} ± {v.std(ddof=1):.2f}" for v in values)]))
    return "\n".join(lines)


def _over(agreement: Agreement, rater: str, dimensions: Sequence[str], figure: str) -> list[NDArray[np.float64]]:
    """The figure on each dimension, and their mean last, as seen and per resample."""
    values = [agreement.with_experts(rater, dimension)[figure] for dimension in dimensions]
    return [*values, np.mean(values, axis=0)]


def _can_replace(agreement: Agreement, rater: str) -> bool:
    """Whether there is an expert other than `rater` to compare it with."""
    return any(expert != rater for expert in agreement.compared.experts)


def _cell(values: NDArray[np.float64]) -> str:
    if math.isnan(values[0]):
        return "–"
    low, high = interval(values)
    return f"{values[0]:.2f} [{low:.2f}, {high:.2f}]"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
