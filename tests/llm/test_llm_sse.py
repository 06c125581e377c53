"""Server-sent events are read alike however the network cuts them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.faults import Malformed
from llm.sse import MAX_EVENT_BYTES, EventReader

WIRE = (
    'data: {"a": 1}\n\n: keep-alive\n\nevent: note\r\ndata:two\r\ndata: lines\r\n\r\n'
    "data: naïve “ü”\r\rid: 7\n\ndata: [DONE]\n\n"
)
EVENTS = [b'{"a": 1}', b"two\nlines", "naïve “ü”".encode(), b"[DONE]"]


@given(st.lists(st.integers(0, len(WIRE.encode())), max_size=12))
def test_events_do_not_depend_on_where_packets_end(cuts: list[int]) -> None:
    """Any division of the bytes into packets, in mid-character or between CR and LF too, gives the same events."""
    wire, reader, events = WIRE.encode(), EventReader(), []
    edges = [0, *sorted(cuts), len(wire)]

    for begin, end in pairwise(edges):
        events += reader.feed(wire[begin:end])

    assert events == EVENTS


def test_last_event_needs_no_blank_line() -> None:
    """A server that closes right after its last line has still sent it."""
    reader = EventReader()

    assert reader.feed(b"data: [DONE]") == []
    assert reader.end() == [b"[DONE]"]


def test_comments_and_other_fields_are_no_events() -> None:
    """Keep-alives, names and ids bring nothing, and neither does the end of an empty stream."""
    reader = EventReader()

    assert reader.feed(b": ping\n\nretry: 10\n\nevent: x\n\n") == []
    assert reader.end() == []


def test_endless_event_is_refused() -> None:
    """A line without end cannot fill the memory."""
    reader = EventReader()

    with pytest.raises(Malformed):
        for _ in range(3):
            reader.feed(b"data: " + b"x" * (MAX_EVENT_BYTES // 2))
