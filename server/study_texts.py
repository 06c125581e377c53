"""The study's own numbers in its texts: `{limit_min}` in a page or survey becomes the 4 of `limit_s: 240`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.study import Study
from core.survey import Survey

FIELDS = ("limit_min", "limit_s", "idle_s", "rounds")
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def numbers(study: Study) -> dict[str, str]:
    """What each field stands for, in digits, so that it reads the same in every language."""
    rules = study.conversation
    values = (rules.limit_s / 60, rules.limit_s, rules.idle_s, study.rounds)
    return {field: f"{round(value, 1):g}" for field, value in zip(FIELDS, values, strict=True)}


def filled(text: str, with_: Mapping[str, str]) -> str:
    """The text with every known field filled in; others stay as they stand."""
    return _FIELD.sub(lambda found: with_.get(found[1], found[0]), text)


def filled_survey(survey: Survey, with_: Mapping[str, str]) -> Survey:
    """The survey with the fields of its texts filled in."""
    return Survey.model_validate(_filled(survey.model_dump(), with_))


def unknown_fields(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of each field that no number of the study has."""
    for number, line in enumerate(text.splitlines(), start=1):
        for found in _FIELD.finditer(line):
            if found[1] not in FIELDS:
                yield number, found[0]


def _filled(value: Any, with_: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return filled(value, with_)
    if isinstance(value, dict):
        return {key: _filled(inner, with_) for key, inner in value.items()}
    return [_filled(inner, with_) for inner in value] if isinstance(value, list | tuple) else value
