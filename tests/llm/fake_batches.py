"""The batch endpoints of the fake server: files come in, batches run for as long as a test says, answers go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from tests.llm.fake_openai import USAGE

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""What comes of one line of a file: its `response`, or its `error`."""


def answers(text: str, *, usage: Mapping[str, Any] = USAGE) -> Answer:
    """Every line is answered with `text`."""
    message = {"role": "assistant", "content": text}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": dict(usage)}
    return lambda line: {"response": {"status_code": 200, "body": body}, "error": None}


class FakeBatches:
    """Files and batches of one fake server, on its routes."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.is_finished = True
        """Whether batches are over as soon as they are looked at."""
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, str] = {}
        """The file of each batch."""

    def route(self, app: web.Application) -> None:
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{id}/content", self._content)
        app.router.add_post("/v1/batches", self._begin)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._look)

    def lines(self, file: str) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.files[file].splitlines()]

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        uploaded: Any = form["file"]
        id_ = f"file-{len(self.files)}"
        self.files[id_] = uploaded.file.read()
        return web.json_response(
            {"id": id_, "object": "file", "bytes": 1, "created_at": 1, "filename": "f", "purpose": "batch"}
        )

    async def _begin(self, request: web.Request) -> web.Response:
        asked = await request.json()
        id_ = f"batch-{len(self.batches)}"
        self.batches[id_] = asked["input_file_id"]
        return web.json_response(self._state(id_))

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [self._state(id_) for id_ in self.batches]})

    async def _look(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        return web.json_response(self._state(id_)) if id_ in self.batches else web.Response(status=404)

    async def _content(self, request: web.Request) -> web.Response:
        file = self.batches[request.match_info["id"].removeprefix("out-")]
        found = [{"id": "r", "custom_id": line["custom_id"], **self.answer(line)} for line in self.lines(file)]
        return web.Response(body=b"\n".join(map(orjson.dumps, found)))

    def _state(self, id_: str) -> dict[str, Any]:
        return {
            "id": id_,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "input_file_id": self.batches[id_],
            "completion_window": "24h",
            "created_at": 1,
            "status": "completed" if self.is_finished else "in_progress",
            "output_file_id": f"out-{id_}" if self.is_finished else None,
            "request_counts": {"total": 1, "completed": 0, "failed": 0},
        }
