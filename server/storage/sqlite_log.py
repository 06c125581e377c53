"""Whether SQLite's write-ahead log still holds what stands nowhere else; formats: https://sqlite.org/walformat.html."""

from __future__ import annotations

import os
import struct
import threading
from contextlib import suppress
from pathlib import Path

from server.storage.open_files import descriptor_of, identity, length

_LOG_HEADER = 32
_FRAME_HEADER = 24
_SALTS = slice(8, 16)
"""Of a frame's header: that it belongs to the log as it was last begun."""
_INDEX_HEADER = slice(0, 48)
_INDEX_HEADER_AGAIN = slice(48, 96)
_INDEX = struct.Struct("=12x ? x H I 12x 8s 8x 48x I")
"""Whether it was made, bytes of a page, frames in the log, its salts, frames that are in the database, too."""
_READINGS = 100
"""How often an index is read anew that changes meanwhile: it does so once for each commit."""


class WriteAheadLog:
    """Remembers how long the log (`-wal`) and its index (`-shm`) were, while somebody here keeps them open throughout.

    SQLite makes such a log shorter only where what goes is in the database or void, and tells the index so first. A log
    that is shorter than it was, and lacks a frame that by the index stands nowhere else, was cut by somebody else.
    """

    def __init__(self, database: Path) -> None:
        self._log = Path(f"{database}-wal")
        self._index = Path(f"{database}-shm")
        self._log_bytes = 0
        self._index_bytes = 0
        self._is_cut = False
        self._looking = threading.Lock()
        """Whoever looks later finds no less, in any thread; an old look compared late would be a false alarm."""

    def know(self) -> None:
        """Remember both as they are; for who has just opened them."""
        with self._looking:
            self._log_bytes, self._index_bytes = length(self._log), length(self._index)
            self._is_cut = False

    def is_cut(self) -> bool:
        """Whether something was lost; once it was, that stays so until the log is opened anew."""
        with self._looking:
            held = length(self._log)
            if held < self._log_bytes and not self._is_cut:
                lacks = self._lacks_a_frame()
                if lacks is None:  # undecided: the next look compares with the same length
                    return False
                self._is_cut = lacks
            self._log_bytes = held
            return self._is_cut

    def mend_index(self) -> None:
        """Make an index that was cut as long as it was: SQLite finds it void, and makes it anew from the log.

        Whoever touches one that is too short is ended by the operating system.
        """
        with self._looking:
            held = length(self._index)
            if held < self._index_bytes:
                with suppress(FileNotFoundError):
                    os.truncate(self._index, self._index_bytes)
            self._index_bytes = max(held, self._index_bytes)

    def _lacks_a_frame(self) -> bool | None:
        """By an index that stands still meanwhile: it changes before a log is emptied or overwritten; else None."""
        log, index = descriptor_of(identity(self._log)), descriptor_of(identity(self._index))
        if log is None or index is None:
            return None
        for _ in range(_READINGS):
            head = os.pread(index, _INDEX.size, 0)
            lacks = _lacks_a_frame(log, head)
            if head == os.pread(index, _INDEX.size, 0) and head[_INDEX_HEADER] == head[_INDEX_HEADER_AGAIN]:
                return lacks
        return None


def _lacks_a_frame(log: int, index: bytes) -> bool:
    """Whether a frame that is not in the database yet is missing; True, too, where the index was cut with the log."""
    is_made, page_bytes, frames, salts, in_database = _INDEX.unpack(index)
    frame_bytes = _FRAME_HEADER + (65_536 if page_bytes == 1 else page_bytes)
    places = [_LOG_HEADER + frame * frame_bytes for frame in range(in_database, frames)]
    if not is_made or (places and os.fstat(log).st_size < places[-1] + frame_bytes):
        return True
    return any(os.pread(log, _FRAME_HEADER, place)[_SALTS] != salts for place in places)
