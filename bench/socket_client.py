"""The cheapest WebSocket client that is correct enough to measure with: it must not be what is measured."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from typing import cast

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_NO_MASK = b"\0\0\0\0"
"""A mask of zeros is a valid mask, and leaves the text as it is."""


class SocketClient(asyncio.Protocol):
    """One connection: `on_open`, `on_text` and `on_lost` are for subclasses. Frames come whole and uncompressed."""

    def __init__(self, *, path: str = "/ws", token: str = "", cookie: str = "") -> None:
        self._path = path
        self._fields = [f"authorization: Bearer {token}"] if token else []
        self._fields += [f"cookie: {cookie}"] if cookie else []
        self._received = b""
        self._is_open = False
        self._transport: asyncio.Transport | None = None

    def on_open(self) -> None:
        """The handshake is done."""

    def on_text(self, payload: bytes) -> None:
        """A text frame has come."""

    def on_lost(self, reason: str) -> None:
        """The connection is gone although `close` was not called."""

    def send_text(self, payload: bytes) -> None:
        self._send(_TEXT, payload)

    def close(self) -> None:
        if self._transport is not None:
            self._send(_CLOSE, struct.pack("!H", 1000))
            transport, self._transport = self._transport, None
            transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {self._path} HTTP/1.1", "host: 127.0.0.1", "upgrade: websocket", "connection: Upgrade"]
        lines += [f"sec-websocket-key: {key}", "sec-websocket-version: 13"]
        self._transport.write("\r\n".join([*lines, *self._fields, "", ""]).encode())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self.on_lost("connection lost")

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        if not self._is_open:
            head, found, received = received.partition(b"\r\n\r\n")
            if not found:
                self._received = head
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self._fail(f"no handshake: {head[:60].decode(errors='replace')}")
                return
            self._is_open = True
            self.on_open()
        self._received = self._read_frames(received)

    def _read_frames(self, received: bytes) -> bytes:
        """Take every whole frame; what is left over."""
        at, end = 0, len(received)
        while end - at >= 2:
            start, size = at + 2, received[at + 1]
            if size == 126:
                start, size = at + 4, int.from_bytes(received[at + 2 : at + 4])
            elif size == 127:
                start, size = at + 10, int.from_bytes(received[at + 2 : at + 10])
            if start + size > end:
                break
            self._take(received[at] & 0x0F, received[start : start + size])
            at = start + size
        return received[at:]

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == _TEXT:
            self.on_text(payload)
        elif kind == _PING:
            self._send(_PONG, payload)
        elif kind == _CLOSE:
            self._fail(f"closed with {int.from_bytes(payload[:2])}")

    def _fail(self, reason: str) -> None:
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.close()
            self.on_lost(reason)

    def _send(self, kind: int, payload: bytes) -> None:
        if self._transport is None:
            return
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        self._transport.write(bytes([0x80 | kind]) + length + _NO_MASK + payload)
