"""The transport under requests and sockets: who is slow to ask is not waited for, who has fallen silent is noticed.

uvicorn answers requests and speaks WebSocket; here stand only the limits that it does not have.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.frames import RESTARTING, TOO_FAST

HEARTBEAT_S = 5.0
"""How often a page is asked whether it is there; browsers answer by themselves, whatever the page is doing."""
TOGETHER_S = 0.25
"""Pages whose turn to be asked comes within this time are asked in one go."""
ANSWER_S = 10.0
"""How long the answer may take before the connection counts as dead."""
REQUEST_S = 30.0
"""How long a request may take to arrive, from its first byte or the connection to its last."""
LINGER_S = 15.0
"""How long after the end a page may take to read our goodbye; longer than the closing handshake may."""

QUIET_S = 3.0
"""How long a page has to answer a goodbye, or to send more of a frame that is not read, before it is cut off."""
MOST_UNREAD = 32 * 1024 * 1024
"""Bytes of it; beyond, the connection is cut without a goodbye."""
MOST_SMALL_FRAMES_PER_S = 100
"""Pings and fragments of frames, which the application never sees, from one page; browsers send none of them."""

SILENCE = "silence_s"
"""The name under which a socket's state tells how long nothing has come from its page."""
SEND_AT_ONCE = "send_at_once"
"""The name under which a socket's state has the shortest way to its page."""

_WHOLE_TEXT = 0x81
"""The first byte of a frame that is a text, and all of it (RFC 6455, section 5.2)."""


class PromptRequests(HttpToolsProtocol):
    """Cuts off whoever has connected and does not get to the end of a request."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._wait()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._wait_no_more()
        super().on_message_complete()

    def _wait(self) -> None:
        self._wait_no_more()
        self._patience = self.loop.call_later(REQUEST_S, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class AttentiveSockets(WebSocketsSansIOProtocol):
    """Knows when its page was last heard of, and lets go of one that is gone without waiting for its goodbye."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._heard_at = self.loop.time()
        self._unread: int | None = None
        """Bytes that came after a frame that will not be read; None when there was none."""
        self._small_frames: deque[float] = deque(maxlen=MOST_SMALL_FRAMES_PER_S)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self.loop.time()
        if self._unread is None:
            super().data_received(data)
        else:
            self._drop(data)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"] |= {SILENCE: self._silence_s, SEND_AT_ONCE: self._send_at_once}

    def shutdown(self) -> None:
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTARTING})
        self._say_goodbye(RESTARTING)

    def handle_ping(self) -> None:
        if self._is_within_limits():
            super().handle_ping()

    def handle_cont(self, event: Any) -> None:
        if self._is_within_limits():
            super().handle_cont(event)

    def handle_parser_exception(self) -> None:
        """Say why, and drop what is still on its way: cut off at once, its sender would never read the reason."""
        reason = self.conn.close_sent
        assert reason is not None  # noqa: S101 - the parser has said goodbye
        self.queue.put_nowait({"type": "websocket.disconnect", "code": reason.code, "reason": reason.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._unread = 0
        self._drop(b"")

    def _drop(self, data: bytes) -> None:
        self._unread = (self._unread or 0) + len(data)
        if self.close_timer is not None:
            self.close_timer.cancel()
        if self._unread > MOST_UNREAD:
            self.transport.abort()
        else:
            self.close_timer = self.loop.call_later(QUIET_S, self.transport.close)
            self.transport.resume_reading()

    def schedule_ping(self) -> None:
        """Ask pages together, up to `TOGETHER_S` sooner: waking up for each would cost more than asking."""
        assert self.ping_interval is not None  # noqa: S101 - nothing is scheduled otherwise
        at = self.loop.time() + max(TOGETHER_S, self.ping_interval - self.last_ping_rtt)
        self.ping_timer = self.loop.call_at(at - at % TOGETHER_S, self.send_keepalive_ping)

    def keepalive_timeout(self) -> None:
        if self.read_paused:
            # Its answer may lie unread: it is we who are slow.
            self.pong_timer = self.loop.call_later(ANSWER_S, self.keepalive_timeout)
            return
        super().keepalive_timeout()
        # What is still to be sent will never be read; without this the socket would stay until the system gives up.
        self.transport.abort()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        for name in (SILENCE, SEND_AT_ONCE):
            self.scope["state"].pop(name, None)  # else all of this would stay until the collector comes by
        self.loop.call_later(LINGER_S, self.transport.abort)

    def _is_within_limits(self) -> bool:
        """Whether a small frame may be answered: one too many ends the connection, and so does not reading answers."""
        now, frames = self._heard_at, self._small_frames
        is_flood = len(frames) == MOST_SMALL_FRAMES_PER_S and now - frames[0] < 1.0
        frames.append(now)
        if not self.writable.is_set() or (is_flood and self.close_sent):
            self.transport.abort()
        elif is_flood:
            self._say_goodbye(TOO_FAST)
        return not self.close_sent

    def _say_goodbye(self, code: int) -> None:
        """Close, and read on until the page has heard it: cut off while it sends, it would never read the code."""
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(QUIET_S, self.transport.abort)
        self.read_paused = False
        self.transport.resume_reading()

    def _send_at_once(self, text: bytes) -> bool:
        """Send `text`, which is UTF-8, as a frame; False, with nothing sent, while the page does not read.

        It goes nowhere when the page has gone. This is what `send` comes to, without the dozen calls for every word.
        """
        if not self.writable.is_set():
            return False
        if self.handshake_complete and not self.close_sent and not self.disconnected:
            self.transport.write(frame_of(text))
        return True

    def _silence_s(self) -> float:
        """Seconds since anything came from the page, an answer to a heartbeat included; 0 while we do not listen."""
        return 0.0 if self.read_paused else self.loop.time() - self._heard_at


def frame_of(text: bytes) -> bytes:
    """A text as a whole frame of the server: unmasked, not compressed, its length in seven bits, two bytes or eight."""
    length = len(text)
    if length < 126:
        return bytes((_WHOLE_TEXT, length)) + text
    if length < 65_536:
        return struct.pack("!BBH", _WHOLE_TEXT, 126, length) + text
    return struct.pack("!BBQ", _WHOLE_TEXT, 127, length) + text
