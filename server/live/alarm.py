"""An alarm that rings once, at the nearest of several moments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable


class Alarm:
    """Rings at the moment it was last set to."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None

    def set(self, moments: Iterable[int], *, now: int) -> None:
        """Ring at the earliest of `moments`, in place of what was set before; times are milliseconds."""
        self.stop()
        delay = max(1, min(moments) - now)
        self._handle = asyncio.get_running_loop().call_later(delay / 1000, self._ring)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
