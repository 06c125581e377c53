"""Any result as a frame: one row per record, its keys and its members as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import pandas as pd

from analysis.regression import Fit


def frame(found: Any, *names: str) -> pd.DataFrame:
    """The records at the bottom of `found` as rows, with one column of keys, named by `names`, per level above them.

    `found`: a record, a sequence of records, a fitted model, or mappings of them, as the functions of `analysis`
    return. Columns: `names`, then what the record holds (docs/notebooks.md lists them); a fitted model has one row per
    term, with the model's `n`, `clusters` and `sd` at the end. Undefined numbers are missing. Without records the frame
    has no rows. Raises `ValueError` when there are fewer or more names than levels.
    """
    if isinstance(found, Mapping):
        return _by_key(found, names)
    if names:
        raise ValueError(f"nothing is left to name {', '.join(names)}")
    if isinstance(found, Fit):
        rows = [{"term": term, **asdict(one)} for term, one in found.terms.items()]
        return pd.DataFrame(rows).assign(n=found.n, clusters=found.clusters, sd=found.sd)
    if isinstance(found, Sequence):
        return pd.DataFrame([asdict(one) for one in found])
    if is_dataclass(found) and not isinstance(found, type):
        return pd.DataFrame([asdict(found)])
    raise ValueError(f"{type(found).__name__} is no record")


def _by_key(found: Mapping[str, Any], names: tuple[str, ...]) -> pd.DataFrame:
    if not names:
        raise ValueError("each level of keys needs a name")
    parts = []
    for key, inside in found.items():
        part = frame(inside, *names[1:])
        part.insert(0, names[0], key)
        parts.append(part)
    # Row by row: pandas warns when it joins columns that hold nothing but missing values.
    rows = [row for part in parts for row in part.to_dict("records")]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*names])
