"""Reading and writing files whole: only ordinary ones, none larger than it can be meant to be, and none left half."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.count import counted
from core.errors import Unusable

MOST_TEXT_BYTES = 512 * 1024
"""What somebody writes by hand, a book's worth; reading more as YAML would take minutes."""
MOST_DATA_BYTES = 2 * 1024**3
"""The largest film or dataset that belongs in a study; looking through more would take minutes too."""
_FAULTS_TOLD = 10


class Unfit(OSError):
    """A file that is there and must not be read: nobody writes into a pipe, and a device never ends."""


def read_written(path: Path) -> str:
    """The text that somebody wrote. Raises `OSError`, `Unfit` among them, and `UnicodeDecodeError`."""
    check_fit(path, most_bytes=MOST_TEXT_BYTES)
    return path.read_text(encoding="utf-8")


def text_of(path: Path, *, most_bytes: int = MOST_DATA_BYTES) -> str:
    """The text of an ordinary file, without a byte order mark.

    Raises `Unusable` for what cannot be read as UTF-8, or has more than `most_bytes`.
    """
    try:
        check_fit(path, most_bytes=most_bytes)
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unusable(f"{path}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise Unusable(f"{path}: not UTF-8 text") from None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is either the old one or the whole new one, whatever happens in between.

    Raises `Unusable` when it cannot be written.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise Unusable(f"{path}: cannot be written ({error.strerror})") from None


def check_fit(path: Path, *, most_bytes: int = MOST_DATA_BYTES) -> None:
    """Raises `Unfit` for what is no ordinary file or has more than `most_bytes`, else `OSError` where there is none."""
    size = path.stat().st_size
    if not path.is_file():
        raise Unfit("it is no ordinary file")
    if size > most_bytes:
        raise Unfit(f"it has more than {most_bytes // 1024:,} KiB")


def check_ordinary(out: Path) -> None:
    """Raises `Unusable` where `out` is no file that can be written and read back, but a device or a folder."""
    if out.exists() and not out.is_file():
        raise Unusable(f"{out}: cannot be written (it is no ordinary file)")


def first_ten(faults: Sequence[str], *, source: str) -> str:
    """A line for each of the first ten faults found in `source`, and one that counts the others."""
    more = len(faults) - _FAULTS_TOLD
    others = [f"{source}: {counted(more, 'more fault')}"] if more > 0 else []
    return "\n".join([*faults[:_FAULTS_TOLD], *others])
