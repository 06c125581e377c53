"""A language model that is none: an OpenAI-compatible address that streams a fixed reply at a fixed pace, cheaply."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass, field
from typing import cast

import orjson
import uvloop

FIRST_TOKEN_S = 0.3
TOKENS_PER_S = 30.0
REPLY_TOKENS = 40
FEWEST_TOKENS, MOST_TOKENS = 4, 110
"""A reply of two sentences that are neither empty nor longer than a seeker's may be."""

_FIRST = "I went over it all again last night and could not let it go because nothing about that week made sense"
_SECOND = "It was quiet at home and I sat there with the letter in my hand and read it until it got light outside"
_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
_LAST_CHUNK = b"0\r\n\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


def reply_tokens(count: int = REPLY_TOKENS) -> list[str]:
    """The tokens of the reply: `count` words in two sentences that are in the seeker's role."""
    if not FEWEST_TOKENS <= count <= MOST_TOKENS:
        raise ValueError(f"a reply has {FEWEST_TOKENS} to {MOST_TOKENS} tokens, not {count}")
    words = [*_sentence(_FIRST, count - count // 2), *_sentence(_SECOND, count // 2)]
    return [words[0], *(f" {word}" for word in words[1:])]


def _sentence(words: str, count: int) -> list[str]:
    said = words.split()
    turned = (said * (count // len(said) + 1))[:count]
    return [*turned[:-1], f"{turned[-1].lower()}."]


@dataclass(frozen=True, slots=True)
class Script:
    """What every caller is answered: the packets in order, and when each is due after the request."""

    packets: tuple[bytes, ...]
    due_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a model answers."""

    tokens: int = REPLY_TOKENS
    first_token_s: float = FIRST_TOKEN_S
    tokens_per_s: float = TOKENS_PER_S

    def script(self) -> Script:
        """One packet per token; head and role go with the first, end, usage and `[DONE]` with the last."""
        packets = [_event({"choices": [_choice({"content": token})]}) for token in reply_tokens(self.tokens)]
        packets[0] = _HEAD + _event({"choices": [_choice({"role": "assistant", "content": ""})]}) + packets[0]
        usage = {"prompt_tokens": 400, "completion_tokens": self.tokens, "total_tokens": 400 + self.tokens}
        end = _event({"choices": [_choice({}, finish="stop")]}) + _event({"choices": [], "usage": usage})
        packets[-1] += end + _chunk(b"data: [DONE]\n\n") + _LAST_CHUNK
        due = [self.first_token_s + number / self.tokens_per_s for number in range(self.tokens)]
        return Script(tuple(packets), tuple(due))


def _choice(delta: dict[str, str], *, finish: str | None = None) -> dict[str, object]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _event(fields: dict[str, object]) -> bytes:
    head = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "fake"}
    return _chunk(b"data: " + orjson.dumps({**head, **fields}) + b"\n\n")


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


@dataclass
class Caller(asyncio.Protocol):
    """One connection: a request at a time, answered by the script; one timer, set anew for each packet."""

    script: Script
    loop: asyncio.AbstractEventLoop
    _received: bytearray = field(default_factory=bytearray)
    _transport: asyncio.Transport | None = None
    _timer: asyncio.TimerHandle | None = None
    _began: float = 0.0
    _next: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        came = self.loop.time()
        self._received += data
        head, found, body = bytes(self._received).partition(b"\r\n\r\n")
        if not found or len(body) < _content_length(head):
            return
        self._received.clear()
        if not head.startswith(b"POST ") or b"/chat/completions" not in head.split(b"\r\n", 1)[0]:
            self._write(_NOT_FOUND)
            return
        self._began, self._next = came, 0
        self._timer = self.loop.call_at(came + self.script.due_s[0], self._send)

    def _send(self) -> None:
        """Everything that is due by now, in one packet per token: a late timer does not slow the reply down."""
        due, now = self.script.due_s, self.loop.time() - self._began
        while self._next < len(due) and due[self._next] <= now + 0.0005:
            self._write(self.script.packets[self._next])
            self._next += 1
        if self._next < len(due):
            self._timer = self.loop.call_at(self._began + due[self._next], self._send)

    def _write(self, packet: bytes) -> None:
        if self._transport is not None:
            self._transport.write(packet)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


async def serve(port: int, pace: Pace) -> None:
    """Answer on loopback until cancelled."""
    loop, script = asyncio.get_running_loop(), pace.script()
    server = await loop.create_server(lambda: Caller(script, loop), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tokens", type=int, default=REPLY_TOKENS)
    parser.add_argument("--first-token-s", type=float, default=FIRST_TOKEN_S)
    parser.add_argument("--tokens-per-s", type=float, default=TOKENS_PER_S)
    chosen = parser.parse_args()
    pace = Pace(chosen.tokens, chosen.first_token_s, chosen.tokens_per_s)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(chosen.port, pace))


if __name__ == "__main__":
    main()
