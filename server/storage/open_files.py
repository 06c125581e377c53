"""Which file stands at a place, and through which descriptor this process has it open."""

from __future__ import annotations

import os
from pathlib import Path

Identity = tuple[int, int]
"""Device and number of a file: two names of one file have the same."""


def identity(path: Path, *, follow_symlinks: bool = False) -> Identity | None:
    """Which file stands at this place, a link itself unless it is followed; None where none can be found."""
    try:
        found = path.stat(follow_symlinks=follow_symlinks)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def length(path: Path) -> int:
    """Bytes; 0 where there is no such file."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def descriptor_of(known: Identity | None) -> int | None:
    """The descriptor through which somebody in this process has that file open; it is theirs, and not to be closed.

    Whoever opens a file of SQLite anew, and closes it, lets go of every lock that this process has on it.
    """
    for descriptor in Path("/dev/fd").iterdir():
        try:
            found = os.fstat(int(descriptor.name))
        except OSError:  # the descriptor of this very listing
            continue
        if (found.st_dev, found.st_ino) == known:
            return int(descriptor.name)
    return None
