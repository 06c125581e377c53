"""The length of a video is read from the file, or the file is refused with a sentence."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from core.errors import Unusable
from server.media import video_seconds


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def long_box(kind: bytes, content: bytes) -> bytes:
    """A box whose size stands in eight bytes, as boxes beyond 4 GB need."""
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


def open_box(kind: bytes, content: bytes) -> bytes:
    """A last box of size 0: it reaches to the end of the file."""
    return struct.pack(">I4s", 0, kind) + content


def movie_header(*, ticks: int, per_second: int, version: int = 0) -> bytes:
    times = ">IIII" if version == 0 else ">QQIQ"
    return box(b"mvhd", bytes([version, 0, 0, 0]) + struct.pack(times, 0, 0, per_second, ticks) + bytes(80))


FILE_TYPE = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
MINUTE = movie_header(ticks=60_000, per_second=1_000)


@pytest.mark.parametrize(
    "content",
    [
        FILE_TYPE + box(b"moov", MINUTE) + box(b"mdat", b"pictures"),
        FILE_TYPE + box(b"mdat", b"pictures") + box(b"moov", box(b"udta", b"title") + MINUTE),
        FILE_TYPE + long_box(b"mdat", b"pictures") + box(b"moov", MINUTE),
        FILE_TYPE + open_box(b"moov", MINUTE),
        FILE_TYPE + box(b"moov", movie_header(ticks=5_400_000, per_second=90_000, version=1)),
    ],
    ids=["header first", "header last", "wide sizes", "open end", "wide times"],
)
def test_length_is_read_wherever_the_header_stands(tmp_path: Path, content: bytes) -> None:
    """One minute is one minute in every way that an MP4 file may be laid out."""
    film = tmp_path / "film.mp4"
    film.write_bytes(content)

    assert video_seconds(film) == 60.0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF....AVI LIST",
        b"\x1aE\xdf\xa3 this is WebM",
        FILE_TYPE + box(b"mdat", b"pictures"),
        FILE_TYPE + box(b"moov", box(b"udta", b"no header")),
        (FILE_TYPE + box(b"moov", MINUTE))[:-90],
        FILE_TYPE + struct.pack(">I4s", 4, b"moov"),
        FILE_TYPE + box(b"moov", box(b"mvhd", b"\0\0\0\0")),
        FILE_TYPE + box(b"moov", movie_header(ticks=60, per_second=0)),
        FILE_TYPE + box(b"moov", movie_header(ticks=0, per_second=1_000)),
        FILE_TYPE + box(b"moov", movie_header(ticks=0xFFFFFFFF, per_second=1_000)),
    ],
    ids=[
        "empty",
        "AVI",
        "WebM",
        "no movie",
        "no header",
        "cut off",
        "impossible size",
        "short header",
        "no time scale",
        "length zero",
        "length unknown",
    ],
)
def test_file_without_a_length_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """What does not state a length is refused in one sentence that names the file and says what is needed."""
    film = tmp_path / "film.mp4"
    film.write_bytes(content)

    with pytest.raises(Unusable, match=r"^film\.mp4 does not tell how long it is: it must be a complete MP4 video"):
        video_seconds(film)


def test_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    """A file that is not there is a refusal, not a traceback."""
    with pytest.raises(Unusable, match=r"^film\.mp4 cannot be read: No such file"):
        video_seconds(tmp_path / "film.mp4")


def test_folder_is_refused_by_name(tmp_path: Path) -> None:
    """A folder in place of a film is a refusal, too."""
    with pytest.raises(Unusable, match="cannot be read"):
        video_seconds(tmp_path)
