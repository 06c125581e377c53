"""A reader of server-sent events: bytes as they come from the wire in, the data of whole events out."""

from __future__ import annotations

from llm.faults import Malformed

MAX_EVENT_BYTES = 1_000_000
"""A thousand times a usual event: whatever sends more is not a model, and must not fill our memory."""


class EventReader:
    """Cuts a byte stream into events (WHATWG HTML, section 9.2), wherever the network happened to cut it.

    Only `data` is of interest: event names, ids and comments (keep-alives) are passed over.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[bytes]:
        """The data of every event that `received` completes; raises `Malformed` for an endless one."""
        if self._is_one_event(received):
            return [received[6:-2]]
        lines = self._lines(received)
        events: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line and self._data:
                events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data.clear()
        return events

    def end(self) -> list[bytes]:
        """The data of a last event whose blank line never came: some servers close right after `[DONE]`."""
        return self.feed(b"\n\n")

    def _is_one_event(self, received: bytes) -> bool:
        """Whether a packet is exactly one event of one line, as nearly all are: these need no cutting."""
        return (
            received.endswith(b"\n\n")
            and received.startswith(b"data: ")
            and received.count(b"\n") == 2
            and b"\r" not in received
            and not self._rest
            and not self._data
        )

    def _lines(self, received: bytes) -> list[bytes]:
        text = self._rest + received
        held = b""
        if b"\r" in text:
            if text.endswith(b"\r"):  # a line feed may follow in the next packet
                text, held = text[:-1], b"\r"
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._rest = rest + held
        if len(self._rest) + sum(map(len, self._data)) > MAX_EVENT_BYTES:
            raise Malformed(f"the server sent an event of more than {MAX_EVENT_BYTES} bytes")
        return lines
