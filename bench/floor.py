"""The floor: a bare relay from a model to a WebSocket, without framework, storage, clock or checks.

Nothing that does the same work on uvicorn can cost much less, so the server's figures are told as multiples of it.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import aiohttp
import orjson
import uvicorn
import uvloop

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Relay:
    """An ASGI application: every `say` goes to the model, its words come back as `delta`, the whole as `message`."""

    def __init__(self, model_url: str) -> None:
        self._url = f"{model_url}/chat/completions"
        self._http: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"floor"})
            return
        await receive()
        await send({"type": "websocket.accept"})
        reply: asyncio.Task[None] | None = None
        while (message := await receive())["type"] == "websocket.receive":
            frame = orjson.loads(message["text"])
            if frame["type"] == "say":
                reply = asyncio.create_task(self._reply(frame["text"], send))
            else:
                await _send_frame(send, {"type": "state", "messages": []})
        if reply is not None:
            reply.cancel()

    async def _reply(self, text: str, send: Send) -> None:
        said = ""
        async for piece in self._ask(text):
            said += piece
            await _send_frame(send, {"type": "delta", "role": "seeker", "text": piece})
        await _send_frame(send, {"type": "message", "role": "seeker", "text": said})

    async def _ask(self, text: str) -> AsyncIterator[str]:
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        body = orjson.dumps({"model": "fake", "stream": True, "messages": [{"role": "user", "content": text}]})
        async with self._http.post(self._url, data=body, headers={"content-type": "application/json"}) as response:
            rest = b""
            async for packet in response.content.iter_any():
                *events, rest = (rest + packet).split(b"\n\n")
                for event in events:
                    if event == b"data: [DONE]":
                        continue
                    choices = orjson.loads(event[6:])["choices"]
                    piece = choices[0]["delta"].get("content") if choices else ""
                    if piece:
                        yield piece


async def _send_frame(send: Send, frame: dict[str, Any]) -> None:
    await send({"type": "websocket.send", "text": orjson.dumps(frame).decode()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model-url", required=True)
    chosen = parser.parse_args()
    config = uvicorn.Config(
        Relay(chosen.model_url),
        host="127.0.0.1",
        port=chosen.port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        backlog=4096,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
