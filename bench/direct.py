"""A caller of the model itself: the first-token time that nothing stands in front of."""

from __future__ import annotations

import asyncio
import random
from typing import cast

import orjson

from bench.load import Load, Measured
from bench.participant import LINE, Clock

REQUEST = orjson.dumps({"model": "fake", "stream": True, "messages": [{"role": "user", "content": LINE}]})


class Direct(asyncio.Protocol):
    """Asks again and again over one connection, every `direct_period_s` or somewhat sooner after a reply's end."""

    def __init__(self, load: Load, *, clock: Clock, measured: Measured, draw: random.Random) -> None:
        self._load, self._clock, self._measured, self._draw = load, clock, measured, draw
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._asked_at: float | None = None
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(REQUEST)}\r\n\r\n"
        self._request = head.encode() + REQUEST

    def begin(self) -> None:
        self._timer = self._clock.later(self._draw.uniform(0, self._load.direct_period_s), self._ask)

    def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._asked_at is not None and b'"content"' in data:
            if self._clock.counts:
                self._measured.direct_ms.append((self._clock.now() - self._asked_at) * 1000)
            self._asked_at = None
        if b"[DONE]" in data and not self._clock.is_ending:
            self._timer = self._clock.later(self._load.direct_period_s * self._draw.uniform(0.5, 1.0), self._ask)

    def _ask(self) -> None:
        if self._transport is not None and not self._clock.is_ending:
            self._asked_at = self._clock.now()
            self._transport.write(self._request)
