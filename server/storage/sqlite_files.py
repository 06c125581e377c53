"""The files of an SQLite database, and whether those at their places are still the ones that are open."""

from __future__ import annotations

import os
from pathlib import Path

COMPANIONS = ("-wal", "-shm")
"""What stands beside the file while anybody has it open: the newest commits, and the locks on them."""

Identity = tuple[int, int]
"""Device and number of a file: two names of one file have the same."""


class StorageMoved(OSError):
    """A file of the SQLite database is not where it was: what is written now would be gone with the process."""


class SqliteFiles:
    """Remembers which files are open. The companions are known while somebody keeps the database open throughout."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._main: Identity | None = None
        self._companions: dict[Path, Identity] = {}

    def check(self) -> None:
        """Raises `StorageMoved` when a file has been deleted or replaced; the main one is known from the first look."""
        self.check_main()
        for path, known in self._companions.items():
            found = identity(path)
            if found != known:
                raise StorageMoved(_amiss(path, found))

    def check_known(self) -> None:
        """The same, where there was a first look: opening a file that is gone would make an empty one.

        Opening a database whose log is gone would make an empty log, and read from it what stands in the other one.
        """
        if self._main is not None:
            self.check()

    def check_main(self) -> None:
        """Raises `StorageMoved` when the file itself, whatever stands beside it, has been deleted or replaced."""
        found = identity(self.file)
        if found is not None and self._main is None:
            self._main = found
        if found is None or found != self._main:
            raise StorageMoved(_amiss(self.file, found))

    def know_companions(self) -> None:
        """Remember the companions as they are; for who has opened them and keeps them open."""
        paths = [Path(f"{self.file}{ending}") for ending in COMPANIONS]
        self._companions = {path: found for path in paths if (found := identity(path)) is not None}

    def check_nobody_has_begun_anew(self) -> None:
        """Raises `StorageMoved` when a companion that is gone has a successor that somebody else works with."""
        for path, known in self._companions.items():
            if (found := identity(path)) in (None, known) or (path.name.endswith("-wal") and path.stat().st_size == 0):
                continue
            raise StorageMoved(_amiss(path, found))

    def is_deleted(self) -> bool:
        """Whether the open file has no name left; False when it was moved, or when nothing of it is open."""
        for descriptor in Path("/dev/fd").iterdir():
            try:
                found = os.fstat(int(descriptor.name))
            except OSError:  # the descriptor of this very listing
                continue
            if (found.st_dev, found.st_ino) == self._main:
                return found.st_nlink == 0
        return False


def identity(path: Path) -> Identity | None:
    """Which file stands at this place; None where none can be found."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _amiss(path: Path, found: Identity | None) -> str:
    return f"{path} is gone" if found is None else f"{path} is another file than the one that is open"
