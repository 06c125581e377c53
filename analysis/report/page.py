"""Renders the report from what was found: numbers are formatted here, everything else is in the template."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.analyses import Analyses
from analysis.caution import caution
from analysis.columns import CONDITIONS, TREATMENTS
from analysis.contents import TAGS, notes, plan
from analysis.contrasts import PAIRS
from analysis.drawing import Drawing
from analysis.effects import POST, TERMS
from analysis.readings import READINGS
from analysis.report.environment import environment
from analysis.report.wording import unbroken
from analysis.robustness.balance import WORTH_A_LOOK
from analysis.scored import MEASURES
from analysis.software import software
from core.dimensions import DIMENSIONS
from llm.rules import RULES_NOTICE


def report_page(found: Analyses, drawn: Sequence[Drawing]) -> str:
    """The report as one HTML text; nothing in it is fetched from anywhere."""
    page = (
        environment("analysis.report")
        .get_template("report.html.j2")
        .render(
            found=found,
            title=title(found),
            caution=caution(found.selection.flow.by_condition),
            figures={drawing.name: drawing for drawing in drawn},
            dimensions=[str(dimension) for dimension in DIMENSIONS],
            measures=MEASURES,
            conditions=CONDITIONS,
            treatments=TREATMENTS,
            terms=TERMS,
            pairs=PAIRS,
            post=POST,
            tags=TAGS,
            notes=notes(found),
            readings=READINGS,
            plan=plan(found),
            software=software(),
            rules_note=RULES_NOTICE,
            worth_a_look=WORTH_A_LOOK,
        )
    )
    return unbroken(page)


def title(found: Analyses) -> str:
    """The report's title, which says so when pilots are counted or nobody is."""
    study = _study_title(found) or next((name for name in found.dataset.participants["study"] if name), "the study")
    pilots = found.selection.flow.pilots_counted
    everyone = pilots == found.selection.flow.analysed
    counted = f" — {'a pilot' if everyone else f'with {pilots} pilot participants'}, not the study" if pilots else ""
    return f"Results of {study}{counted}"


def _study_title(found: Analyses) -> str | None:
    study = found.dataset.study
    named = None if study is None else study.value.get("title")
    return named if isinstance(named, str) else None
