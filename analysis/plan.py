"""The analysis plan: what was fixed before the data, from a file whose hash stands in the report (LE-35)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator

from analysis.columns import CONDITIONS
from analysis.lock import read_lock
from core.errors import Unusable
from core.located import LocatedYaml
from core.shipped import shipped_text
from core.strict import Strict, Text
from core.written import read_written


class Exclusion(StrEnum):
    """A preregistered reason to leave a recruited participant out."""

    INCOMPLETE = "incomplete"
    AI_ASSISTANCE = "ai_assistance"


PREREGISTERED_EXCLUSIONS = tuple(Exclusion)
Z_RELIABLE = 1.96
"""From here on, in standard errors, a change counts as reliable (LE-109)."""


class PlanFile(Strict):
    """What a plan file says."""

    name: str
    exclude: tuple[Exclusion, ...] = PREREGISTERED_EXCLUSIONS
    reliable_change_z: float = Field(default=Z_RELIABLE, gt=0, le=10)
    participants: int | None = Field(default=None, ge=1, le=1_000_000)
    """How many people are to be analysed; None: not fixed."""
    hypotheses: tuple[Text, ...] = ()
    """What is expected, a sentence each, for the preregistration."""
    places: dict[str, str] = Field(default_factory=dict)
    """Conditions of the study that bear another name than the analysis knows, and whose place each takes."""

    @field_validator("places")
    @classmethod
    def _places_are_known(cls, given: dict[str, str]) -> dict[str, str]:
        for condition, place in given.items():
            if place not in CONDITIONS:
                raise ValueError(f"{condition} can have the place of {', '.join(CONDITIONS)}, not of {place!r}")
        return given


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan with where it came from."""

    content: PlanFile
    source: str
    """The file's name; `shipped` for the one that comes with the program."""
    text: str
    is_study: bool = False
    """The file is a whole study definition, whose section `analysis` is the plan."""
    study_hash: str | None = None
    """The hash in the lock beside a frozen study.yaml: that of the whole folder; None without a lock."""


SHIPPED = "shipped"
_SECTION = "analysis"
_STUDY_KEYS = {"title", "conditions", "steps"}


def shipped_plan() -> Plan:
    """The plan that comes with the program: the study's own preregistration."""
    text = shipped_text("analysis", "plan.yaml")
    return Plan(content=LocatedYaml(text, file="plan.yaml").read_as(PlanFile), source=SHIPPED, text=text)


def read_plan(path: Path) -> Plan:
    """The plan in `path`, a plan file or a frozen study.yaml; raises `Unusable` for anything else:
    `Faults`, with a line for each fault, where the file can be read.

    A study definition without a section `analysis` was preregistered with the shipped plan.
    """
    try:
        text = read_written(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path}: cannot be read ({error})") from None
    plan = plan_in(LocatedYaml(text, file=path.name))
    lock = read_lock(path.parent) if plan.is_study else None
    return plan if lock is None else replace(plan, study_hash=lock.hash)


def plan_in(document: LocatedYaml) -> Plan:
    """The plan that a document holds; raises `Faults`. See `read_plan`."""
    file, text = document.file, document.text
    if not isinstance(document.value, dict) or not _STUDY_KEYS & set(document.value):
        return Plan(content=document.read_as(PlanFile), source=file, text=text)
    if document.value.get(_SECTION) is None:
        return Plan(content=shipped_plan().content, source=SHIPPED, text=text, is_study=True)
    return Plan(content=document.section_as(_SECTION, PlanFile), source=file, text=text, is_study=True)


def plan_as_run(study: LocatedYaml | None) -> Plan:
    """The plan of a dataset's own `study.yaml`; the shipped one where there is none. Raises `Faults`."""
    return shipped_plan() if study is None else plan_in(study)
