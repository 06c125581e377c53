"""`results.json`: every printed number under its contract key; what is undefined is null, never NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum

import numpy as np

from analysis.regression import Fit

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def as_json(value: object) -> Json:
    """Any result as JSON values: records become objects, fits their terms, non-finite numbers null."""
    if isinstance(value, Fit):
        return as_json(
            {"n": value.n, "clusters": value.clusters, "sd": value.sd, "terms": value.terms, "note": value.note}
        )
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return as_json(value.value)
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, np.generic):
        return as_json(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Sequence | set | frozenset):
        return [as_json(item) for item in value]
    raise TypeError(f"no JSON for {type(value).__name__}")


def to_text(results: Json) -> str:
    """The file's text: keys in their order, readable, and without any number that JSON does not know."""
    return json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
