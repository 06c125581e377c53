"""Reading what a judge answered: each dimension stands or falls by itself, and nothing is repaired or converted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, WithJsonSchema, create_model

from judges.caps import capped, counted_caps
from judges.criteria import TEXTS, Criterion, Rubric, Scale
from judges.material import Material
from llm.prompts import as_shown


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge found on one dimension: why, in whose words, and how much or which."""

    reason: str
    quotes: tuple[str, ...] = ()
    score: int | None = None
    """After every cap; None where labels are given."""
    labels: tuple[str, ...] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    """Further texts of the rubric's order, such as a suggestion."""
    caps: tuple[str, ...] = ()
    """Faults found, by the judge or in code."""
    given: int | None = None
    """The judge's own score, before any cap."""


@dataclass(frozen=True, slots=True)
class Unfounded:
    """An answer on one dimension that cannot be used."""

    problem: str


class _Unusable(Exception):
    """What is wrong with one dimension's answer."""


def _all_required(schema: dict[str, Any]) -> None:
    schema["required"] = list(schema.get("properties", ()))
    schema["additionalProperties"] = False


class Verdict(BaseModel):
    """A judge's answer, one member per dimension; `verdict_form` makes the class that a rubric asks for."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=_all_required)


@cache
def verdict_form(rubric: Rubric, asked: tuple[str, ...]) -> type[Verdict]:
    """The form in which `asked` are answered.

    The schema shown to a model is strict. The class itself takes anything, so that one bad member does not cost the
    other dimensions their score: `read_finding` is the strict reader.
    """
    criteria = (criterion for criterion in rubric.dimensions if criterion.id in asked)
    fields: dict[str, Any] = {
        str(criterion.id): (Annotated[Any, WithJsonSchema(_finding_schema(criterion, rubric))], None)
        for criterion in criteria
    }
    return create_model("Verdict", __base__=Verdict, **fields)


def read_verdict(
    verdict: Verdict, *, asked: Sequence[str], rubric: Rubric, material: Material
) -> Mapping[str, Finding | Unfounded]:
    """What `verdict` holds on each dimension asked about."""
    return {
        criterion.id: read_finding(
            getattr(verdict, criterion.id, None), criterion=criterion, rubric=rubric, material=material
        )
        for criterion in rubric.dimensions
        if criterion.id in asked
    }


def read_finding(raw: object, *, criterion: Criterion, rubric: Rubric, material: Material) -> Finding | Unfounded:
    """The finding in `raw`, or what is wrong with it: a part missing, off the scale, or a quote nobody said."""
    if not isinstance(raw, Mapping):
        return Unfounded("no answer on this dimension")
    try:
        return _finding(raw, criterion=criterion, rubric=rubric, material=material)
    except _Unusable as fault:
        return Unfounded(str(fault))


def _finding(raw: Mapping[str, object], *, criterion: Criterion, rubric: Rubric, material: Material) -> Finding:
    score = _score(raw.get("score"), rubric.scale) if rubric.scale else None
    texts = {part: _text(raw.get(part), part, may_be_empty=_may_be_empty(part, score, rubric)) for part in rubric.texts}
    quotes = _quotes(raw.get("quotes"), material, about=rubric.about) if "quotes" in rubric.order else ()
    labels = None if rubric.scale else _labels(raw.get("labels"), criterion)
    if "quotes" in rubric.order and not quotes and (rubric.scale is None or score != rubric.scale.low):
        given = f"a score of {score}" if rubric.scale else "a label"
        raise _Unusable(f"{given} needs a quote that shows it")
    flagged = _flagged(raw.get("caps"), criterion) if "caps" in rubric.order else ()
    counted = tuple(cap.id for cap in counted_caps(criterion.caps, material.messages))
    caps = tuple(cap for cap in criterion.caps if cap.id in {*flagged, *counted})
    final = capped(score, caps, lowest=rubric.scale.low) if rubric.scale and score is not None else None
    return Finding(
        reason=texts[rubric.texts[0]],
        quotes=quotes,
        score=final,
        labels=labels,
        notes={part: texts[part] for part in rubric.texts[1:]},
        caps=tuple(cap.id for cap in caps),
        given=score,
    )


def _score(raw: object, scale: Scale) -> int:
    if not isinstance(raw, int) or raw not in scale:
        raise _Unusable(f"`score` must be a whole number from {scale.low} to {scale.high}, not {_shorten(raw)}")
    return raw


def _text(raw: object, part: str, *, may_be_empty: bool) -> str:
    if not isinstance(raw, str) or not (raw.strip() or may_be_empty):
        raise _Unusable(f"`{part}` must be text")
    return raw.strip()


def _may_be_empty(part: str, score: int | None, rubric: Rubric) -> bool:
    return part in rubric.may_be_empty and score is not None and score >= rubric.may_be_empty[part]


def _labels(raw: object, criterion: Criterion) -> tuple[str, ...]:
    known = [label.id for label in criterion.labels]
    if not isinstance(raw, list) or not raw or not all(isinstance(label, str) for label in raw):
        raise _Unusable(f"`labels` must be a list of {', '.join(known)}")
    if unknown := [label for label in raw if label not in known]:
        raise _Unusable(f"{_shorten(unknown[0])} is no label; they are {', '.join(known)}")
    if len(raw) > 1 and not criterion.many:
        raise _Unusable("only one label may be given")
    return tuple(label for label in known if label in raw)


def _flagged(raw: object, criterion: Criterion) -> tuple[str, ...]:
    known = {cap.id for cap in criterion.caps if not cap.found_by}
    if not isinstance(raw, list) or not all(isinstance(cap, str) for cap in raw):
        raise _Unusable("`caps` must be a list of names")
    if unknown := [cap for cap in raw if cap not in known]:
        raise _Unusable(f"there is no cap {_shorten(unknown[0])}")
    return tuple(raw)


def _quotes(raw: object, material: Material, *, about: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(quote, str) for quote in raw):
        raise _Unusable("`quotes` must be a list of texts")
    found = []
    for quote in raw:
        place = _locate(quote, material.said)
        if place is None:
            whose = "either of them" if about == "both" else f"the {about}"
            raise _Unusable(f"the quote {_shorten(quote)} stands in no message of {whose}")
        found.append(place)
    return tuple(found)


def _locate(quote: str, said: Sequence[str]) -> str | None:
    """The writer's own words at the place of `quote`; None when it is blank or stands nowhere."""
    if not quote.strip():
        return None
    for text in said:
        if quote in text:
            return quote
    for text in said:
        # A model can only copy what it was shown, in which "<3" is "‹3": the stored evidence is what was said.
        start = as_shown(text).find(quote)
        if start >= 0:
            return text[start : start + len(quote)]
    return None


def _finding_schema(criterion: Criterion, rubric: Rubric) -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    parts: dict[str, Any] = {part: {"type": "string"} for part in TEXTS} | {"quotes": texts}
    parts["caps"] = _names(cap.id for cap in criterion.caps if not cap.found_by)
    parts["labels"] = _names(label.id for label in criterion.labels)
    if rubric.scale:
        parts["score"] = {"type": "integer", "enum": list(rubric.scale.values)}
    return {
        "type": "object",
        "properties": {part: parts[part] for part in rubric.order},
        "required": list(rubric.order),
        "additionalProperties": False,
    }


def _names(names: Iterable[str]) -> dict[str, Any]:
    known = list(names)
    return {"type": "array", "items": {"type": "string"} | ({"enum": known} if known else {})}


def _shorten(value: object, *, most: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"
