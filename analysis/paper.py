"""What the paper prints, for the column beside ours."""

from __future__ import annotations

from functools import cache
from typing import Any

from core.shipped import shipped_yaml


@cache
def printed() -> Any:
    """The printed numbers of `paper.yaml`, by key of `results.json`."""
    return shipped_yaml("analysis", "paper.yaml")


def printed_at(*path: str) -> Any:
    """The printed number at `path`, or None where the paper prints none."""
    found = printed()
    for part in path:
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found
