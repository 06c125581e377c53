"""The length of a video file, read from the file itself, without any program that plays videos."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from core.errors import Unusable
from core.written import check_fit

_UNKNOWN_LENGTHS = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
"""An MP4 file that was never finished says zero, or has all bits set."""

_HEADER_BYTES = 32
"""As much of a movie header as comes up to and with the length, in the longer version."""


class _NotThere(Exception):
    """The box looked for is not in the file, or is cut off."""


def video_seconds(path: Path) -> float:
    """The length in seconds of the MP4 (or MOV, M4V) file `path`, as its movie header states it.

    Raises `Unusable` when the file cannot be read, is no such file, or states no length.
    """
    try:
        check_fit(path)
        with path.open("rb") as file:
            size = path.stat().st_size
            moov_start, moov_end = _find_box(file, b"moov", start=0, end=size)
            start, end = _find_box(file, b"mvhd", start=moov_start, end=moov_end)
            return _stated_length(_read(file, start, min(end - start, _HEADER_BYTES)))
    except OSError as error:
        raise Unusable(f"{path.name} cannot be read: {error.strerror or error}", path=str(path)) from None
    except _NotThere:
        raise Unusable(
            f"{path.name} does not tell how long it is: it must be a complete MP4 video (H.264 plays everywhere)",
            path=str(path),
        ) from None


def _find_box(file: BinaryIO, kind: bytes, *, start: int, end: int) -> tuple[int, int]:
    """Where the content of the first box of this kind begins and ends, looking from `start` to `end` (ISO 14496-12)."""
    while start < end:
        header = _read(file, start, 8)
        size, content = int.from_bytes(header[:4], "big"), start + 8
        if size == 1:
            size, content = int.from_bytes(_read(file, content, 8), "big"), content + 8
        elif size == 0:
            size = end - start
        if start + size < content or start + size > end:
            raise _NotThere
        if header[4:] == kind:
            return content, start + size
        start += size
    raise _NotThere


def _stated_length(header: bytes) -> float:
    """Seconds from the content of a movie header: times of 4 bytes in version 0, of 8 bytes in version 1."""
    width = 8 if header[:1] == b"\x01" else 4
    at = 4 + 2 * width
    if len(header) < at + 4 + width:
        raise _NotThere
    ticks_per_second = int.from_bytes(header[at : at + 4], "big")
    ticks = int.from_bytes(header[at + 4 : at + 4 + width], "big")
    if ticks_per_second == 0 or ticks in _UNKNOWN_LENGTHS:
        raise _NotThere
    return ticks / ticks_per_second


def _read(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    content = file.read(count)
    if len(content) < count:
        raise _NotThere
    return content
