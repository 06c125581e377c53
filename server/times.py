"""The wall clock that everything is stamped with, and the form in which times leave the program."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], int]
"""Gives the present in milliseconds since the epoch (UTC)."""


def now_ms() -> int:
    """The present in milliseconds since the epoch (UTC)."""
    return time.time_ns() // 1_000_000


def iso(at: int) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    moment = datetime.fromtimestamp(at / 1000, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"
