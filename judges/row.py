"""One line of a judge's file, as other programs read it."""

from __future__ import annotations

import json

from core.dimensions import Dimension
from core.score import overall
from judges.criteria import Rubric
from judges.rate import Rating, reason_of
from judges.verdict import Finding


def row(rating: Rating, *, id: str, rubric: Rubric, asked: str, repeat: int, **further: object) -> str:
    """`rating` as a line of JSON without its line feed.

    `asked` names the model where none has answered. Beside the fields that every row has, `labels`, `notes` and `caps`
    stand where the rubric has such, and `further` last.
    """
    found = {d: finding for d, finding in rating.findings.items() if isinstance(finding, Finding)}
    scores = {d: found[d].score if d in found else None for d in rating.findings} if rubric.scale else {}
    fields = {
        "id": id,
        "rubric": rubric.name,
        "rubric_version": rubric.version,
        "model": rating.label.model if rating.label else asked,
        "repeat": repeat,
        "scores": scores,
        "overall": overall({Dimension(d): score for d, score in scores.items()}) if rubric.is_framework else None,
        "evidence": {d: list(found[d].quotes) if d in found else [] for d in rating.findings},
        "reason": {d: reason_of(finding) for d, finding in rating.findings.items()},
        "failure": rating.failure,
    }
    if rubric.scale is None:
        fields["labels"] = {d: list(found[d].labels or ()) if d in found else None for d in rating.findings}
    if len(rubric.texts) > 1:
        fields["notes"] = {d: dict(found[d].notes) if d in found else {} for d in rating.findings}
    if any(criterion.caps for criterion in rubric.dimensions):
        fields["caps"] = {d: list(found[d].caps) if d in found else [] for d in rating.findings}
        fields["given"] = {d: found[d].given if d in found else None for d in rating.findings}
    return as_line(fields | further)


def as_line(fields: dict[str, object]) -> str:
    """`fields` as one line of JSON that has a UTF-8 form: half a surrogate pair is written as an escape."""
    line = json.dumps(fields, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(fields)
    return line
