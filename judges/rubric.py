"""Rubrics: the files that say what a judge looks at, on which scale, and in which order it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from pydantic import Field

from core.dimensions import Definition, framework
from core.errors import Unusable
from core.located import Faults, LocatedYaml
from core.score import SCALE
from core.strict import Strict

PARTS = ("reason", "quotes", "score")
"""What a judge says about one dimension: the score last, so that it rests on what was written down before it."""

_SUFFIX = ".yaml"


class Verb(StrEnum):
    """What a judge does with what it is shown."""

    RATE = "rate"


class Judged(StrEnum):
    """What a judge is shown."""

    TRANSCRIPT = "transcript"


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from `low` to `high`. A value off the scale is a failure; nothing converts between scales (C-3)."""

    low: int
    high: int

    def __contains__(self, value: object) -> bool:
        return type(value) is int and self.low <= value <= self.high

    @property
    def values(self) -> range:
        """Every value of the scale, lowest first."""
        return range(self.low, self.high + 1)


@dataclass(frozen=True, slots=True)
class Rubric:
    """One judge, as its file describes it."""

    name: str
    version: str
    """The file's own version and the framework's, e.g. `1+framework.1.0`: stored with every score."""
    verb: Verb
    judged: Judged
    dimensions: tuple[Definition, ...]
    scale: Scale
    prompt_name: str
    prompt_version: int
    decoding: tuple[tuple[str, float | int], ...] = ()
    """Decoding that goes with every call; the settings of the judge's role override it."""


def load_rubric(name_or_path: str) -> Rubric:
    """The shipped rubric of this name, or the one in this file.

    Raises `Unusable` when there is no such rubric, `Faults` with a line for each fault in it.
    """
    source, label = _find(name_or_path)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{label}: cannot be read ({error})") from None
    return _read(LocatedYaml(text, file=label))


def shipped() -> tuple[str, ...]:
    """The names of the rubrics that come with the program, sorted."""
    names = (entry.name for entry in files("judges").joinpath("rubrics").iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


class _ScaleForm(Strict, strict=True):
    type: Literal["integer"]
    low: int
    high: int


class _RubricForm(Strict):
    """The file as it must be written; `_read` adds what only the whole of it can tell."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(min_length=1)
    verb: Verb
    judged: Judged
    about: Literal["supporter"]
    dimensions: Literal["framework"]
    scale: _ScaleForm
    order: list[str]
    prompt: str = Field(pattern=r"^[a-z_]+/[1-9][0-9]*$")
    decoding: dict[str, float | int] = Field(default_factory=dict)


def _find(name_or_path: str) -> tuple[Traversable, str]:
    if name_or_path in shipped():
        return files("judges").joinpath("rubrics", name_or_path + _SUFFIX), f"judges/rubrics/{name_or_path}{_SUFFIX}"
    path = Path(name_or_path)
    if path.is_file():
        return path, str(path)
    raise Unusable(f"no rubric {name_or_path!r}: give the path of a rubric file, or one of {', '.join(shipped())}")


def _read(document: LocatedYaml) -> Rubric:
    form = document.read_as(_RubricForm)
    prompt_name, _, prompt_version = form.prompt.partition("/")
    faults = []
    if tuple(form.order) != PARTS:
        faults.append(document.fault(["order"], f"`order` must be {', '.join(PARTS)}: reasons come before scores"))
    if range(form.scale.low, form.scale.high + 1) != SCALE:
        wanted = f"{SCALE.start} to {SCALE.stop - 1}"
        faults.append(document.fault(["scale"], f"the framework's dimensions are rated {wanted} and on no other scale"))
    if not _prompt_file(form.prompt).is_file():
        faults.append(document.fault(["prompt"], f"there is no prompt {form.prompt}"))
    if faults:
        raise Faults(faults)
    return Rubric(
        name=form.name,
        version=f"{form.version}+framework.{framework().version}",
        verb=form.verb,
        judged=form.judged,
        dimensions=framework().definitions,
        scale=Scale(form.scale.low, form.scale.high),
        prompt_name=prompt_name,
        prompt_version=int(prompt_version),
        decoding=tuple(sorted(form.decoding.items())),
    )


def _prompt_file(prompt: str) -> Traversable:
    name, _, version = prompt.partition("/")
    return files("judges").joinpath("prompts", f"{name}.{version}.txt")
