"""Reading files that people put into folders: ordinary ones, and none larger than it can be meant to be."""

from __future__ import annotations

from pathlib import Path

MOST_TEXT_BYTES = 512 * 1024
"""What somebody writes by hand, a book's worth; reading more as YAML would take minutes."""
MOST_DATA_BYTES = 2 * 1024**3
"""The largest film or dataset that belongs in a study; looking through more would take minutes too."""


class Unfit(OSError):
    """A file that is there and must not be read: nobody writes into a pipe, and a device never ends."""


def read_written(path: Path) -> str:
    """The text that somebody wrote. Raises `OSError`, `Unfit` among them, and `UnicodeDecodeError`."""
    check_fit(path, most_bytes=MOST_TEXT_BYTES)
    return path.read_text(encoding="utf-8")


def check_fit(path: Path, *, most_bytes: int = MOST_DATA_BYTES) -> None:
    """Raises `Unfit` for what is no ordinary file or has more than `most_bytes`, else `OSError` where there is none."""
    size = path.stat().st_size
    if not path.is_file():
        raise Unfit("it is no ordinary file")
    if size > most_bytes:
        raise Unfit(f"it has more than {most_bytes // 1024:,} KiB")
