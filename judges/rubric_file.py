"""How a rubric file is written, and every fault that one can hold, told by its line."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from core.dimensions import framework
from core.located import Fault, Faults, LocatedYaml
from core.score import SCALE
from core.strict import Identifier, Strict, Text
from judges.caps import COUNTS
from judges.criteria import (
    TEXTS,
    About,
    Anchor,
    Cap,
    Criterion,
    Example,
    Judged,
    NamedLabel,
    Rubric,
    Scale,
    Verb,
)

_LAST = {Verb.RATE: "score", Verb.LABEL: "labels", Verb.COMPARE: "choice"}
_BEFORE = TEXTS | {"quotes", "caps"}
_FRAMEWORK = "framework"


class _ScaleForm(Strict, strict=True):
    type: Literal["integer"]
    low: int
    high: int


class _CapForm(Strict):
    id: Identifier
    when: Text
    ceiling: int | None = Field(default=None, strict=True)
    minus: int = Field(default=0, ge=0, strict=True)
    found_by: str | None = None
    above: int = Field(default=0, ge=0, strict=True)


class _LabelForm(Strict):
    id: Identifier
    name: Text
    definition: Text


class _ExampleForm(Strict):
    seeker: Text | None = None
    supporter: Text | None = None
    score: int | None = Field(default=None, strict=True)
    labels: tuple[str, ...] | None = None
    because: Text | None = None


class _CriterionForm(Strict):
    id: Identifier
    name: Text
    definition: Text
    anchors: dict[Any, Text] = Field(default_factory=dict)
    caps: tuple[_CapForm, ...] = ()
    labels: tuple[_LabelForm, ...] = ()
    many: bool = False
    examples: tuple[_ExampleForm, ...] = ()


_Dimensions = Annotated[
    Annotated[Literal["framework"], Tag("framework")] | Annotated[tuple[_CriterionForm, ...], Tag("dimensions")],
    Discriminator(lambda value: "framework" if isinstance(value, str) else "dimensions"),
]
"""The framework's six, by that word, or a list: told apart first, so that faults are told of one of them only."""


class _RubricForm(Strict):
    """The file as it must be written; `_faults` adds what only the whole of it can tell."""

    name: Identifier
    version: str = Field(min_length=1)
    verb: Verb
    judged: Judged
    about: About
    task: Text | None = None
    dimensions: _Dimensions = ()
    scale: _ScaleForm | None = None
    order: tuple[str, ...]
    may_be_empty: dict[str, int] = Field(default_factory=dict)
    paraphrases: dict[str, Text] = Field(default_factory=dict)
    prompt: str | None = Field(default=None, pattern=r"^[a-z_]+/[1-9][0-9]*$")
    decoding: dict[str, float | int] = Field(default_factory=dict)


def read_rubric(document: LocatedYaml) -> Rubric:
    """The rubric in `document`; raises `Faults` with a line for each thing that is wrong in it."""
    form = document.read_as(_RubricForm)
    faults = [document.fault(path, message) for path, message in _faults(form)]
    if faults:
        raise Faults(_once(faults))
    takes_framework = form.dimensions == _FRAMEWORK
    name, _, version = _prompt(form).partition("/")
    return Rubric(
        name=form.name,
        version=f"{form.version}+framework.{framework().version}" if takes_framework else form.version,
        verb=form.verb,
        judged=form.judged,
        about=form.about,
        task=form.task or "",
        dimensions=_framework() if takes_framework else tuple(map(_criterion, _criteria(form))),
        scale=Scale(form.scale.low, form.scale.high) if form.scale else None,
        order=form.order,
        prompt_name=name,
        prompt_version=int(version),
        is_framework=takes_framework,
        may_be_empty=form.may_be_empty,
        paraphrases=form.paraphrases,
        decoding=tuple(sorted(form.decoding.items())),
    )


_Found = tuple[tuple[str | int, ...], str]


def _faults(form: _RubricForm) -> Iterator[_Found]:
    yield from _order_faults(form)
    yield from _scale_faults(form)
    yield from _shape_faults(form)
    known = {d.id for d in (_framework() if form.dimensions == _FRAMEWORK else _criteria(form))}
    known |= {label.id for criterion in _criteria(form) for label in criterion.labels}
    for id_ in form.paraphrases:
        if id_ not in known:
            yield ("paraphrases", id_), f"there is no dimension or label {id_} to say in other words"
    for place, criterion in enumerate(_criteria(form)):
        for path, message in _criterion_faults(criterion, form):
            yield ("dimensions", place, *path), message
    name, _, version = _prompt(form).partition("/")
    if not files("judges").joinpath("prompts", f"{name}.{version}.txt").is_file():
        yield ("prompt",), f"there is no prompt {form.prompt}"


def _order_faults(form: _RubricForm) -> Iterator[_Found]:
    *before, last = form.order or ("",)
    wanted = _LAST[form.verb]
    if last != wanted:
        yield ("order",), f"`order` must end with {wanted}: reasons come before scores"
    if unknown := [part for part in before if part not in _BEFORE]:
        yield ("order",), f"`order` knows {', '.join(sorted(_BEFORE))} before {wanted}, not {', '.join(unknown)}"
    if len(set(form.order)) < len(form.order):
        yield ("order",), "`order` names a part twice"
    if form.verb is not Verb.COMPARE and not TEXTS & set(before):
        yield ("order",), f"`order` needs a text before {wanted}: reasons come before scores"
    for part in form.may_be_empty:
        if part not in TEXTS or part not in before:
            yield ("may_be_empty", part), f"`{part}` is no text of this rubric's order"


def _scale_faults(form: _RubricForm) -> Iterator[_Found]:
    if form.verb is Verb.RATE and form.scale is None:
        yield ("verb",), "a rubric that rates needs a `scale`"
    if form.verb is not Verb.RATE and form.scale is not None:
        yield ("scale",), f"a rubric with the verb {form.verb} has no scale"
    if form.scale is None:
        return
    if form.scale.low >= form.scale.high:
        yield ("scale",), f"the scale must rise: {form.scale.low} is not below {form.scale.high}"
    if form.dimensions == _FRAMEWORK and range(form.scale.low, form.scale.high + 1) != SCALE:
        yield (
            ("scale",),
            f"the framework's dimensions are rated {SCALE.start} to {SCALE.stop - 1} and on no other scale",
        )


def _shape_faults(form: _RubricForm) -> Iterator[_Found]:
    if form.verb is Verb.COMPARE:
        if form.dimensions:
            yield ("dimensions",), "a rubric that compares has one question, its `task`, and no dimensions"
        if form.judged is not Judged.TRANSCRIPT:
            yield ("judged",), "only whole transcripts are compared"
    elif not form.dimensions:
        yield ("verb",), f"a rubric with the verb {form.verb} needs `dimensions`"
    if form.dimensions == _FRAMEWORK and form.verb is not Verb.RATE:
        yield ("verb",), "the framework's dimensions are rated"
    if form.task is None and form.dimensions != _FRAMEWORK:
        yield ("name",), "`task` is missing"
    if form.judged is Judged.CASE and form.about is not About.SEEKER:
        yield ("about",), "a case is what the seeker tells: `about` must be seeker"
    ids = [criterion.id for criterion in _criteria(form)]
    for place, id_ in enumerate(ids):
        if id_ in ids[:place]:
            yield ("dimensions", place, "id"), f"the dimension {id_} stands here a second time"


def _criterion_faults(criterion: _CriterionForm, form: _RubricForm) -> Iterator[_Found]:
    if form.verb is Verb.RATE:
        if criterion.labels:
            yield ("labels",), "labels belong to the verb label"
        if form.scale is not None and form.scale.low < form.scale.high:
            yield from _anchor_faults(criterion, Scale(form.scale.low, form.scale.high))
            yield from _cap_faults(criterion, form)
    if form.verb is Verb.LABEL:
        if criterion.anchors or criterion.caps:
            yield ("id",), "anchors and caps belong to the verb rate"
        if len({label.id for label in criterion.labels}) < max(2, len(criterion.labels)):
            yield ("labels",), "two different labels are the least to choose from, each once"
    for place, example in enumerate(criterion.examples):
        yield from ((("examples", place), message) for message in _example_faults(example, criterion, form))


def _anchor_faults(criterion: _CriterionForm, scale: Scale) -> Iterator[_Found]:
    anchors: list[Anchor] = []
    for key, text in criterion.anchors.items():
        anchor = _anchor(key, text)
        if anchor is None or anchor.low not in scale or anchor.high not in scale or anchor.low > anchor.high:
            yield (
                ("anchors", str(key)),
                f"the anchor {key} must be a value of the scale {scale.low} to {scale.high}, or a span as in 2-3",
            )
        else:
            anchors.append(anchor)
    anchors.sort(key=lambda anchor: anchor.low)
    for first, second in pairwise(anchors):
        if second.low <= first.high:
            yield ("anchors", second.span), f"the anchors {first.span} and {second.span} overlap at {second.low}"
    if anchors and (anchors[0].low != scale.low or max(a.high for a in anchors) != scale.high):
        yield ("anchors",), f"both ends of the scale, {scale.low} and {scale.high}, need an anchor"
    if not criterion.anchors:
        yield ("id",), f"`anchors` are missing: what {scale.low} and {scale.high} look like"


def _cap_faults(criterion: _CriterionForm, form: _RubricForm) -> Iterator[_Found]:
    seen: set[str] = set()
    for place, cap in enumerate(criterion.caps):
        if (cap.ceiling is None) == (cap.minus == 0):
            yield ("caps", place, "id"), f"the cap {cap.id} needs a `ceiling`, or points to take off as `minus`"
        if form.scale is not None and cap.ceiling not in {None, *range(form.scale.low, form.scale.high + 1)}:
            yield ("caps", place, "ceiling"), f"the ceiling {cap.ceiling} is off the scale"
        if cap.found_by is not None and cap.found_by not in COUNTS:
            yield ("caps", place, "found_by"), f"code can count {', '.join(COUNTS)}, not {cap.found_by}"
        if cap.id in seen:
            yield ("caps", place, "id"), f"the cap {cap.id} stands here a second time"
        seen.add(cap.id)
    if any(cap.found_by is None for cap in criterion.caps) and "caps" not in form.order:
        yield ("caps",), "`order` must name caps, so that the judge can tell which of them apply"


def _example_faults(example: _ExampleForm, criterion: _CriterionForm, form: _RubricForm) -> Iterator[str]:
    if example.seeker is None and example.supporter is None:
        yield "an example needs words of the seeker or of the supporter"
    if form.verb is Verb.RATE and form.scale is not None:
        if example.score not in Scale(form.scale.low, form.scale.high):
            yield f"the example's score {example.score} is off the scale"
    elif form.verb is Verb.LABEL:
        known = {label.id for label in criterion.labels}
        if not example.labels or not set(example.labels) <= known:
            yield "an example needs `labels`, each one of the dimension's"
        elif len(example.labels) > 1 and not criterion.many:
            yield "only one label may be given here"


def _anchor(key: object, text: str) -> Anchor | None:
    low, dash, high = str(key).partition("-")
    if not low.isdecimal() or (dash and not high.isdecimal()):
        return None
    return Anchor(int(low), int(high or low), text)


def _criteria(form: _RubricForm) -> tuple[_CriterionForm, ...]:
    return () if isinstance(form.dimensions, str) else form.dimensions


def _criterion(form: _CriterionForm) -> Criterion:
    anchors = (anchor for key, text in form.anchors.items() if (anchor := _anchor(key, text)))
    return Criterion(
        id=form.id,
        name=form.name,
        definition=form.definition,
        anchors=tuple(sorted(anchors, key=lambda anchor: anchor.low)),
        caps=tuple(Cap(**cap.model_dump()) for cap in form.caps),
        labels=tuple(NamedLabel(label.id, label.name, label.definition) for label in form.labels),
        many=form.many,
        examples=tuple(map(_example, form.examples)),
    )


def _example(form: _ExampleForm) -> Example:
    answer = ", ".join(form.labels) if form.labels else str(form.score)
    return Example(seeker=form.seeker, supporter=form.supporter, answer=answer, because=form.because)


def _framework() -> tuple[Criterion, ...]:
    ends = (SCALE.start, SCALE.stop - 1)
    return tuple(
        Criterion(
            id=entry.dimension,
            name=entry.name,
            definition=entry.definition,
            anchors=tuple(Anchor(end, end, text) for end, text in zip(ends, (entry.low, entry.high), strict=True)),
        )
        for entry in framework().definitions
    )


def _prompt(form: _RubricForm) -> str:
    return form.prompt or f"{form.verb}/1"


def _once(faults: list[Fault]) -> list[Fault]:
    return list(dict.fromkeys(faults))
