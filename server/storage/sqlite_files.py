"""The files of an SQLite database, and whether those at their places are still the ones that are open."""

from __future__ import annotations

import os
from pathlib import Path

from server.storage.open_files import Identity, descriptor_of, identity, length
from server.storage.sqlite_log import WriteAheadLog

COMPANIONS = ("-wal", "-shm")
"""What stands beside the file while anybody has it open: the newest commits, and the locks on them."""


class StorageMoved(OSError):
    """A file of the SQLite database is not where it was: what is written now would be gone with the process."""


class SqliteFiles:
    """Remembers which files are open. The companions are known while somebody keeps the database open throughout."""

    def __init__(self, name: Path) -> None:
        self._name = name
        self.file = name.resolve()
        """Where a link leads: SQLite puts the companions there."""
        self._main: Identity | None = None
        self._companions: dict[Path, Identity] = {}
        self._log = WriteAheadLog(self.file)

    def check(self) -> None:
        """Raises `StorageMoved` when a file has been deleted or replaced, or the log cut.

        The main one is known from the first look.
        """
        self.check_main()
        for path, known in self._companions.items():
            found = identity(path)
            if found != known:
                raise StorageMoved(_amiss(path, found))
        if self._companions:
            self._log.mend_index()
            self.check_log()

    def check_log(self) -> None:
        """Raises `StorageMoved` when the log was cut, and what stood only there is gone."""
        if self._log.is_cut():
            raise StorageMoved(f"{self.file}-wal was cut short")

    def check_known(self) -> None:
        """The same, where there was a first look: opening a file that is gone would make an empty one.

        Opening a database whose log is gone would make an empty log, and read from it what stands in the other one.
        """
        if self._main is not None:
            self.check()

    def check_main(self) -> None:
        """Raises `StorageMoved` when the file itself, whatever stands beside it, has been deleted, replaced or emptied.

        One that was moved with a link left in its place counts as replaced: whoever opens it there begins another log.
        """
        found = identity(self.file)
        if found is not None and self._main is None:
            self._main = found
        if found is None or found != self._main:
            raise StorageMoved(_amiss(self.file, found))
        if (named := identity(self._name, follow_symlinks=True)) != self._main:
            raise StorageMoved(_amiss(self._name, named))
        if self.is_emptied():
            raise StorageMoved(f"{self.file} was emptied")

    def know_companions(self) -> None:
        """Remember the companions as they are; for who has opened them and keeps them open."""
        paths = [Path(f"{self.file}{ending}") for ending in COMPANIONS]
        self._companions = {path: found for path in paths if (found := identity(path)) is not None}
        self._log.know()

    def check_nobody_has_begun_anew(self) -> None:
        """Raises `StorageMoved` when a companion that is gone has a successor that somebody else works with."""
        for path, known in self._companions.items():
            if (found := identity(path)) in (None, known) or (path.name.endswith("-wal") and path.stat().st_size == 0):
                continue
            raise StorageMoved(_amiss(path, found))

    def is_emptied(self) -> bool:
        """Whether the file stands at its place and nothing is left in it; False before it was first written."""
        return bool(self._companions) and identity(self.file) == self._main and length(self.file) == 0

    def is_deleted(self) -> bool:
        """Whether the open file has no name left; False when it was moved, or when nothing of it is open."""
        descriptor = descriptor_of(self._main)
        return descriptor is not None and os.fstat(descriptor).st_nlink == 0


def _amiss(path: Path, found: Identity | None) -> str:
    return f"{path} is gone" if found is None else f"{path} is another file than the one that is open"
