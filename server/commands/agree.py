"""`agree`: a judge beside people, with tables, figures and the list of disagreements."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import Unusable
from core.written import check_ordinary
from judges.agree import Agreement, Compared
from judges.agree_choices import agree_on_choices, is_choices
from judges.agree_source import read_judge, read_reference
from judges.agree_table import tables
from judges.disagreements import disagreements, write_disagreements
from judges.summary import write_json


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a run has come to."""

    table: str
    """In Markdown."""
    list: Path | None
    """The file of disagreements; None where choices were compared."""


def agree(scores: Path, reference: Path, out: Path, *, judge_model: str | None = None, draws: int = 1000) -> Agreed:
    """Compare `scores` with `reference` into `out`. Raises `Unusable`.

    Choices of people (`choices.csv`) are compared with a file of `compare`, ratings with a file of `judge` or with
    exported scores.
    """
    check_ordinary(out)
    if is_choices(reference):
        report, table = agree_on_choices(scores, reference, draws=draws)
        write_json(out, report)
        return Agreed(table, list=None)
    judge = read_judge(scores, model=judge_model)
    compared = Compared(judge.model, judge.scores, read_reference(reference), runs=judge.runs)
    if not compared.dimensions:
        raise Unusable(f"{scores} and {reference} have no dimension in common")
    if not compared.has_items_in_common:
        raise Unusable(f"{scores} and {reference} have no transcript in common")
    agreement = Agreement(compared, draws=draws)
    write_json(out, agreement.report())
    beside = out.with_suffix(".disagreements.csv")
    write_disagreements(beside, disagreements(judge, compared))
    return Agreed(tables(agreement), list=beside)
