"""A judge that is none: an OpenAI-compatible address that allows so many calls a second, and answers the others 429."""

from __future__ import annotations

import argparse
import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import uvloop

from core.dimensions import DIMENSIONS

WINDOW_S = 1.0
LATENCY_S = 0.5
_FOUND = {"reason": "Nothing of the kind is said.", "quotes": [], "score": 1}
VERDICT = orjson.dumps({dimension.value: _FOUND for dimension in DIMENSIONS}).decode()
"""The lowest score on each dimension: the only one that needs no quote."""


@dataclass
class RateLimit:
    """So many calls in any second that has just passed; no limit with 0."""

    per_s: int
    allowed: deque[float] = field(default_factory=deque)
    """When the calls of the last second came."""
    answered: int = 0
    refused: int = 0
    first: float | None = None
    last: float = 0.0

    def lets(self, now: float) -> bool:
        while self.allowed and self.allowed[0] <= now - WINDOW_S:
            self.allowed.popleft()
        if self.per_s and len(self.allowed) >= self.per_s:
            self.refused += 1
            return False
        self.allowed.append(now)
        self.answered += 1
        self.first = now if self.first is None else self.first
        self.last = now
        return True

    def wait_s(self, now: float) -> float:
        """Seconds until the next call would be let through."""
        return max(0.0, self.allowed[0] + WINDOW_S - now) if self.allowed else 0.0

    def take_figures(self) -> dict[str, float | int | None]:
        """What has come to it since they were taken last."""
        told = {"answered": self.answered, "refused": self.refused, "first": self.first, "last": self.last}
        self.answered = self.refused = 0
        self.first = None
        return told


@dataclass
class Caller(asyncio.Protocol):
    """One connection: a request at a time."""

    limit: RateLimit
    latency_s: float
    loop: asyncio.AbstractEventLoop
    _received: bytearray = field(default_factory=bytearray)
    _transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = bytes(self._received).partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._received.clear()
        now = self.loop.time()
        if head.startswith(b"GET "):
            self._write(_answer(200, orjson.dumps(self.limit.take_figures())))
        elif self.limit.lets(now):
            self.loop.call_later(self.latency_s, self._write, _completion(orjson.loads(body)))
        else:
            wait = f"retry-after-ms: {self.limit.wait_s(now) * 1000:.0f}\r\n".encode()
            self._write(_answer(429, b'{"error": {"message": "too many requests"}}', more=wait))

    def _write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)


def _completion(body: dict[str, Any]) -> bytes:
    """A verdict, or for a question that is streamed the letter that its length gives."""
    asked = sum(len(message["content"]) for message in body["messages"])
    usage = {"prompt_tokens": asked // 4, "completion_tokens": 450}
    if body.get("stream"):
        letter = "AB"[asked % 2]
        events = [{"choices": [{"index": 0, "delta": {"content": letter}, "finish_reason": "stop"}]}, {"choices": []}]
        events[1]["usage"] = usage
        told = b"".join(b"data: " + orjson.dumps(event) + b"\n\n" for event in events) + b"data: [DONE]\n\n"
        return _answer(200, told, kind=b"text/event-stream")
    message = {"role": "assistant", "content": VERDICT}
    told = orjson.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})
    return _answer(200, told)


def _answer(status: int, body: bytes, *, kind: bytes = b"application/json", more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d -\r\ncontent-type: %s\r\n%scontent-length: %d\r\n\r\n%s" % (
        status,
        kind,
        more,
        len(body),
        body,
    )


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


async def serve(port: int, *, per_s: int, latency_s: float) -> None:
    """Answer on loopback until cancelled; a GET of any path takes the figures since the last one."""
    loop, limit = asyncio.get_running_loop(), RateLimit(per_s)
    server = await loop.create_server(lambda: Caller(limit, latency_s, loop), "127.0.0.1", port)
    await server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--per-s", type=int, default=0, help="calls allowed in a second; 0 for no limit")
    parser.add_argument("--latency-s", type=float, default=LATENCY_S)
    wishes = parser.parse_args(arguments)
    uvloop.run(serve(wishes.port, per_s=wishes.per_s, latency_s=wishes.latency_s))


if __name__ == "__main__":
    main()
