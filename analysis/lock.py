"""The lock file of a frozen study: the hash that somebody may have preregistered, and those it had before."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from core.errors import Unusable
from core.strict import Strict
from core.written import check_ordinary, read_written, write_whole

LOCK = "study.lock"


class Lock(Strict):
    """What a lock file says."""

    study: str
    hash: str
    """Of the whole folder, when it was frozen."""
    earlier: tuple[str, ...] = ()
    """Hashes that were frozen before, the first one first."""

    def frozen_again(self, hash_: str) -> Lock:
        """The lock of what the folder is now."""
        before = tuple(one for one in (*self.earlier, self.hash) if one != hash_)
        return self.model_copy(update={"hash": hash_, "earlier": before})


def read_lock(folder: Path) -> Lock | None:
    """The lock of the study in `folder`; None where it was never frozen. Raises `Unusable` for what is no lock."""
    file = folder / LOCK
    try:
        return Lock.model_validate_json(read_written(file)) if file.exists() else None
    except (OSError, UnicodeDecodeError, ValidationError):
        raise Unusable(f"{file}: not a lock file; delete it, and freeze the study again") from None


def write_lock(folder: Path, lock: Lock) -> None:
    """Write the lock into `folder`. Raises `Unusable` where it cannot be written."""
    check_ordinary(folder / LOCK)
    write_whole(folder / LOCK, json.dumps(lock.model_dump(exclude_defaults=True), indent=2) + "\n")
