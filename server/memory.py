"""How a process that serves for weeks keeps its memory."""

from __future__ import annotations

import ctypes
import gc

M_ARENA_MAX = -8
"""The number of this option in glibc's `malloc.h`."""
ARENAS = 2


def share_freed_memory() -> None:
    """Let threads take what other threads have freed, so that memory stays flat; done before threads start.

    By itself glibc keeps eight pools a core, and each grows to the most that its threads ever held. Other C libraries
    have no such pools: nothing is done there.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)


def spare_conversations_the_collector() -> None:
    """Looking for cycles holds up everyone: what is there now is left out of it, and the rest is looked at seldom.

    CPython looks at all of the rest once a quarter more has gathered than it saw the last time: the second look, which
    sees next to nothing, is that last time.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
    gc.set_threshold(10_000, 2, 2)
