"""A folder that is filled aside and appears when it is whole; what was there before stays until then."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from core.errors import Unusable


class WholeFolder:
    """`with WholeFolder(out, names=…) as folder:` fill `folder`; when all went well, it stands at `out`.

    Raises `Unusable` when `out` is no folder, holds other things than `names`, or cannot be written; then nothing of it
    has changed.
    """

    def __init__(self, out: Path, *, names: Collection[str]) -> None:
        self._out = out.resolve()
        self._names = names

    def __enter__(self) -> Path:
        try:
            self._check()
            self._out.parent.mkdir(parents=True, exist_ok=True)
            self._new = self._beside()
        except OSError as error:
            raise self._unusable(error) from None
        return self._new

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is None:
                self._put_in_place()
        except OSError as fault:
            raise self._unusable(fault) from None
        finally:
            shutil.rmtree(self._new, ignore_errors=True)
        if isinstance(error, OSError):
            raise self._unusable(error) from None

    def _check(self) -> None:
        if self._out.exists() and not self._out.is_dir():
            raise Unusable(f"{self._out} is a file; choose an empty folder")
        strange = [path.name for path in self._out.iterdir() if path.name not in self._names] if self._is_there else []
        if strange:
            raise Unusable(f"{self._out} holds other things ({strange[0]}); choose an empty folder")

    @property
    def _is_there(self) -> bool:
        return self._out.is_dir()

    def _beside(self) -> Path:
        """A fresh folder on the same disk: from there, or to there, a folder is moved at once and whole."""
        return Path(tempfile.mkdtemp(prefix=f".{self._out.name}-", dir=self._out.parent))

    def _put_in_place(self) -> None:
        self._new.chmod(0o755)
        if not self._is_there:
            self._new.rename(self._out)
            return
        old = self._beside()
        try:
            self._out.rename(old)
        except OSError:
            old.rmdir()
            raise
        try:
            self._new.rename(self._out)
        except OSError:
            old.rename(self._out)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def _unusable(self, error: OSError) -> Unusable:
        return Unusable(f"{self._out} cannot be written: {error.strerror}")
