"""A table of how well the rules judge and other raters agree with experts: `python -m judges.agreement_table FILE`.

FILE is a transcript file whose lines also hold `ratings`: {rater: {dimension: score}}, with the experts named expert….
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path

from core.dimensions import DIMENSIONS, Dimension
from core.errors import Unusable
from judges.agreement import DimensionAgreement, Scores, agreement, mean_over_dimensions
from judges.rules import judged_by_rules
from judges.source import read_transcripts
from llm.rules import RULES_NOTICE

RULES = "rules"
_EXPERT = "expert"


def read_ratings(source: Path) -> dict[str, dict[str, dict[Dimension, float | None]]]:
    """The scores in `source`, a readable transcript file, by rater; raises `Unusable` for a line that has none."""
    raters: dict[str, dict[str, dict[Dimension, float | None]]] = {}
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        raw = json.loads(line)
        if not isinstance(raw.get("ratings"), dict):
            raise Unusable(f"{source}:{number}: no `ratings` to compare with")
        for rater, given in raw["ratings"].items():
            raters.setdefault(rater, {})[raw["id"]] = {dimension: given.get(dimension) for dimension in DIMENSIONS}
    return raters


def rules_scores(source: Path) -> Scores:
    """What the rules judge gives to every transcript of `source`."""
    return {
        transcript.id: {dimension: found.score for dimension, found in judged_by_rules(transcript).items()}
        for transcript in read_transcripts(source)
    }


def agreements(source: Path) -> dict[str, Mapping[Dimension, DimensionAgreement]]:
    """The agreement of the rules and of every other rater with the experts; an expert with the other experts."""
    by_rules = rules_scores(source)
    raters = read_ratings(source)
    experts = {name: given for name, given in raters.items() if name.startswith(_EXPERT)}
    others = {name: given for name, given in raters.items() if name not in experts}
    compared: dict[str, Mapping[Dimension, DimensionAgreement]] = {RULES: agreement(by_rules, experts)}
    compared |= {name: agreement(given, experts) for name, given in others.items()}
    for name, given in experts.items():
        compared[name] = agreement(given, {other: scores for other, scores in experts.items() if other != name})
    return compared


def table(compared: Mapping[str, Mapping[Dimension, DimensionAgreement]]) -> str:
    """`compared` as text: kappa and rho per rater and dimension, averaged over single experts, and their mean."""
    head = f"{'':20}" + "".join(f"{dimension.value[:14]:>16}" for dimension in DIMENSIONS) + f"{'mean of six':>16}"
    lines = [head]
    for rater, by_dimension in compared.items():
        cells = [_cell(by_dimension[d].kappa, by_dimension[d].rho) for d in DIMENSIONS]
        kappa = mean_over_dimensions(by_dimension, lambda figures: figures.kappa)
        rho = mean_over_dimensions(by_dimension, lambda figures: figures.rho)
        lines.append(f"{rater:20}" + "".join(f"{cell:>16}" for cell in [*cells, _cell(kappa, rho)]))
    return "\n".join([*lines, f"kappa / rho; {RULES_NOTICE}"])


def _cell(kappa: float, rho: float) -> str:
    return " / ".join("  - " if math.isnan(figure) else f"{figure:4.2f}" for figure in (kappa, rho))


def main(arguments: list[str]) -> int:
    """Print the table of the one file named; the exit code."""
    if len(arguments) != 1:
        print("usage: python -m judges.agreement_table FILE", file=sys.stderr)
        return 2
    try:
        print(table(agreements(Path(arguments[0]))))
    except Unusable as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
