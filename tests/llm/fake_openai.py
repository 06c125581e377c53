"""A server that speaks the chat-completions API on a loopback port and misbehaves exactly as a test scripts it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web

Scene = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]
"""What happens on one request, given its decoded body."""

USAGE = {"prompt_tokens": 11, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}


class FakeOpenAI:
    """Plays one scene per request, in order, and remembers what it was sent; beyond the script it answers 500."""

    def __init__(self, *more: Callable[[web.Application], None]) -> None:
        """`more`: what adds routes beside those of questions."""
        self._more = more
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.connections: set[object] = set()
        self.base_url = ""
        self._scenes: deque[Scene] = deque()
        self._runner: web.AppRunner | None = None

    def plays(self, *scenes: Scene) -> None:
        """Add scenes to the end of the script."""
        self._scenes.extend(scenes)

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._play)
        app.router.add_post("/v1/embeddings", self._play)
        for add in self._more:
            add(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _play(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        self.bodies.append(body)
        self.headers.append(request.headers)
        self.connections.add(request.transport)
        scene = self._scenes.popleft() if self._scenes else status(500, "the script is over")
        return await scene(request, body)


def chunk(text: str | None = None, *, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One chunk of a stream, with the fields that real servers send around the text."""
    given = {**({} if text is None else {"content": text}), **delta}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "served-1",
        "choices": [{"index": 0, "delta": given, "logprobs": None, "finish_reason": finish}],
    }


def usage_chunk(**more: Any) -> dict[str, Any]:
    """The last chunk of a stream whose usage was asked for."""
    return {**chunk(), "choices": [], "usage": {**USAGE, **more}}


def event(data: object) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


def streams(*parts: bytes | float, content_type: str = "text/event-stream", breaks: bool = False) -> Scene:
    """A stream of raw bytes; a number is a pause in seconds; `breaks` cuts the connection instead of ending it."""

    async def play(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": content_type})
        await response.prepare(request)
        for part in parts:
            if isinstance(part, bytes):
                await response.write(part)
            else:
                await asyncio.sleep(part)
        if breaks and request.transport is not None:
            request.transport.abort()
        return response

    return play


def says(*pieces: str, finish: str = "stop", usage: bool = True) -> Scene:
    """A well-formed stream of `pieces`."""
    events = [event(chunk("", role="assistant")), *(event(chunk(piece)) for piece in pieces)]
    events.append(event(chunk(finish=finish)))
    if usage:
        events.append(event(usage_chunk()))
    return streams(*events, b"data: [DONE]\n\n")


def completes(
    text: str | None, *, finish: str | None = "stop", usage: Mapping[str, Any] = USAGE, **message: Any
) -> Scene:
    """A whole completion, as it is sent where no stream was asked for."""
    completion = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served-1",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
        ],
        "usage": dict(usage),
    }
    return sends(orjson.dumps(completion))


def sends(body: bytes, *, content_type: str = "application/json", after_s: float = 0.0) -> Scene:
    """Any body with status 200."""

    async def play(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(after_s)
        return web.Response(body=body, content_type=content_type)

    return play


def status(number: int, message: str = "", /, *, headers: Mapping[str, str] | None = None, **error: Any) -> Scene:
    """An error in the form of the API."""

    async def play(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        told = orjson.dumps({"error": {"message": message, **error}})
        return web.Response(status=number, body=told, headers=headers, content_type="application/json")

    return play


def refuses_formats(*refused: str, code: int, then: Sequence[str]) -> list[Scene]:
    """An endpoint that answers `code` to the response formats `refused`, and the texts `then` in turn to others."""
    texts = deque(then)

    async def play(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        kind = body.get("response_format", {}).get("type", "prompt")
        if kind in refused:
            return await status(code, f"no {kind} here")(request, body)
        return await completes(texts.popleft())(request, body)

    return [play] * 50
