"""Reading what a judge answered: each dimension stands or falls by itself, and nothing is repaired or converted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, WithJsonSchema, create_model

from core.dimensions import Dimension
from judges.rubric import PARTS, Rubric, Scale

_SURROGATE = re.compile("[\ud800-\udfff]")
_SHOWN = str.maketrans("<>", "‹›")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge found on one dimension: why, in whose words, and how much."""

    reason: str
    quotes: tuple[str, ...]
    score: int


@dataclass(frozen=True, slots=True)
class Unfounded:
    """An answer on one dimension that cannot be used."""

    problem: str


def _all_required(schema: dict[str, Any]) -> None:
    schema["required"] = list(schema.get("properties", ()))
    schema["additionalProperties"] = False


class Verdict(BaseModel):
    """A judge's answer, one member per dimension; `verdict_form` makes the class that a rubric asks for."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=_all_required)


@cache
def verdict_form(rubric: Rubric, asked: tuple[Dimension, ...]) -> type[Verdict]:
    """The form in which `asked` are answered.

    The schema shown to a model is strict. The class itself takes anything, so that one bad member does not cost the
    other dimensions their score: `read_finding` is the strict reader.
    """
    member = Annotated[Any, WithJsonSchema(_finding_schema(rubric.scale))]
    fields: dict[str, Any] = {dimension.value: (member, None) for dimension in asked}
    return create_model("Verdict", __base__=Verdict, **fields)


def read_verdict(
    verdict: Verdict, *, asked: Sequence[Dimension], scale: Scale, said: Sequence[str]
) -> Mapping[Dimension, Finding | Unfounded]:
    """What `verdict` holds on each dimension asked about; `said` are the supporter's messages."""
    return {d: read_finding(getattr(verdict, d.value, None), scale=scale, said=said) for d in asked}


def read_finding(raw: object, *, scale: Scale, said: Sequence[str]) -> Finding | Unfounded:
    """The finding in `raw`, or what is wrong with it: a part missing, off the scale, or a quote nobody said."""
    if not isinstance(raw, Mapping):
        return Unfounded("no answer on this dimension")
    reason, quotes, score = (raw.get(part) for part in PARTS)
    if not isinstance(reason, str) or not reason.strip():
        return Unfounded("`reason` must be text")
    if not isinstance(quotes, list) or not all(isinstance(quote, str) for quote in quotes):
        return Unfounded("`quotes` must be a list of texts")
    if not isinstance(score, int) or score not in scale:
        return Unfounded(f"`score` must be a whole number from {scale.low} to {scale.high}, not {_shorten(score)}")
    places = [_locate(quote, said) for quote in quotes]
    for quote, place in zip(quotes, places, strict=True):
        if place is None:
            return Unfounded(f"the quote {_shorten(quote)} stands in no message of the supporter")
    if score != scale.low and not places:
        return Unfounded(f"a score of {score} needs a quote that shows it")
    return Finding(reason=reason.strip(), quotes=tuple(place for place in places if place is not None), score=score)


def as_shown(text: str) -> str:
    """`text` as prompts show it: angle brackets harmless, halves of characters replaced, each place kept."""
    return _SURROGATE.sub("\ufffd", text).translate(_SHOWN)


def _locate(quote: str, said: Sequence[str]) -> str | None:
    """The supporter's own words at the place of `quote`; None when it is blank or stands nowhere."""
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


def _finding_schema(scale: Scale) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "reason": {"type": "string"},
            "quotes": {"type": "array", "items": {"type": "string"}},
            "score": {"type": "integer", "enum": list(scale.values)},
        },
        "required": list(PARTS),
        "additionalProperties": False,
    }


def _shorten(value: object, *, most: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"
