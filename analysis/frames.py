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
    rows = _rows(found, names)
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*names])


def _rows(found: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
    if isinstance(found, Mapping):
        if not names:
            raise ValueError("each level of keys needs a name")
        return [{names[0]: key, **row} for key, inside in found.items() for row in _rows(inside, names[1:])]
    if names:
        raise ValueError(f"nothing is left to name {', '.join(names)}")
    if isinstance(found, Fit):
        model = {"n": found.n, "clusters": found.clusters, "sd": found.sd}
        return [{"term": term, **asdict(one), **model} for term, one in found.terms.items()]
    if isinstance(found, Sequence):
        return [asdict(one) for one in found]
    if is_dataclass(found) and not isinstance(found, type):
        return [asdict(found)]
    raise ValueError(f"{type(found).__name__} is no record")
