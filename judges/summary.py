"""Writing what a run has come to as one JSON file, whole or not at all."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from core.written import write_whole


def write_json(path: Path, figures: Any) -> None:
    """`figures` as JSON in `path`, with null for what is not a number. Raises `Unusable` when it cannot be written."""
    write_whole(path, json.dumps(_defined(figures), ensure_ascii=False, indent=1) + "\n")


def _defined(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _defined(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_defined(member) for member in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
