"""The hash by which a version of a study is known: in its lock file, with every row of data, in the preregistration."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.errors import Unusable
from core.written import check_fit

_IGNORED = (".lock", ".pyc")


def content_hash(folder: Path) -> str:
    """SHA-256 over the names and contents of the folder's files, lock file aside, in order of names.

    Raises `Unusable` for a file that cannot be read, or is too large to be part of a study.
    """
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and _counts(p.relative_to(folder))):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(_digest(path))
    return digest.hexdigest()


def _digest(path: Path) -> bytes:
    try:
        check_fit(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise Unusable(f"{path}: cannot be read ({error.strerror or error})") from None


def _counts(path: Path) -> bool:
    return path.suffix not in _IGNORED and not any(part.startswith((".", "__")) for part in path.parts)
