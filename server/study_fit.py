"""Whether a study fits its analysis: what `analyze` could not read, and what it would leave open, by file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.places import places, without_comparison
from analysis.plan import Exclusion, PlanFile
from analysis.questions import ASSISTANCE, misfit
from core.bundle import StudyBundle
from core.errors import Unusable
from core.located import Fault, LocatedYaml
from core.survey import Survey
from core.written import read_written
from server.study_texts import unknown_fields


def unreadable(folder: Path, bundle: StudyBundle, plan: PlanFile, located: LocatedYaml) -> Iterator[Fault]:
    """What `analyze` would refuse in the data of this study; `located` is its study.yaml."""
    for condition in plan.places:
        if condition not in bundle.study.conditions:
            where = ("analysis", "places", condition)
            yield located.fault(where, f"{condition!r} is none of the study's conditions")
    try:
        places(bundle.study.conditions, plan.places)
    except Unusable as error:
        yield located.fault(("analysis", "places"), error.message)
    for name, survey in bundle.surveys.items():
        yield from _lost_answers(folder / name, survey)


def remarks(folder: Path, bundle: StudyBundle, plan: PlanFile, located: LocatedYaml) -> Iterator[Fault]:
    """What is no fault and yet hardly meant; the study can be run as it is."""
    if bundle.study.has_conversations:
        if (reason := without_comparison(bundle.study.conditions, plan.places)) is not None:
            yield located.fault(("conditions",), reason)
        asked = {item.id for survey in bundle.surveys.values() for item in survey.items}
        if asked and Exclusion.AI_ASSISTANCE in plan.exclude and ASSISTANCE not in asked:
            reason = (
                f"the plan leaves out who had help of a model, and no survey asks for `{ASSISTANCE}`: nobody will be"
            )
            yield located.fault(("analysis", "exclude"), reason)
    for name in (*bundle.pages, *bundle.surveys):
        for line, field in unknown_fields(read_written(folder / name)):
            yield Fault(str(folder / name), line, f"{field} stays as it stands: no number of the study has this name")


def _lost_answers(file: Path, survey: Survey) -> Iterator[Fault]:
    lost = [
        (("sections", s, "items", i, "id"), reason)
        for s, section in enumerate(survey.sections)
        for i, item in enumerate(section.items)
        if (reason := misfit(item)) is not None
    ]
    if lost:
        located = LocatedYaml(read_written(file), file=str(file))
        yield from (located.fault(path, reason) for path, reason in lost)
