"""A scripted model that reads what it is asked to judge: it quotes the supporter's last words and scores by rule."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_SAID = r"<{prefix}supporter-\d+>\n(.*?)\n</"
USAGE = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}


class Listener:
    """Speaks the chat-completions API on a loopback port and counts what it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.asked += 1
                is_stream = bool(body.get("stream"))
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream" if is_stream else "application/json")
                self.end_headers()
                self.wfile.write(_streamed(answer(body)) if is_stream else _whole(answer(body)))

            def log_message(self, *told: object) -> None:
                """Nothing goes to the tests' own output."""

        return Handler


def answer(body: dict[str, Any]) -> str:
    """A letter where two conversations are compared; otherwise the form that the request's schema asks for."""
    prompt = body["messages"][-1]["content"]
    form = body.get("response_format", {}).get("json_schema", {}).get("schema")
    if form is None:
        words = [len(" ".join(_said(prompt, prefix=letter)).split()) for letter in ("A-", "B-")]
        return "A" if words[0] >= words[1] else "B"
    said = _said(prompt, prefix="")
    found = {"reason": "The quoted line shows it.", "quotes": said[-1:]}
    last = {"labels": ["others"]} if '"labels"' in json.dumps(form) else {"score": 1 + len(said) % 5}
    return json.dumps(dict.fromkeys(form["properties"], found | last))


def _said(prompt: str, *, prefix: str) -> list[str]:
    return re.findall(_SAID.format(prefix=prefix), prompt, flags=re.DOTALL)


def _whole(text: str) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return json.dumps(_head("chat.completion") | {"choices": [choice], "usage": USAGE}).encode()


def _streamed(text: str) -> bytes:
    said = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    ended = {"index": 0, "delta": {}, "finish_reason": "stop"}
    chunks = [
        {"choices": [said]},
        {"choices": [ended]},
        {"choices": [], "usage": USAGE},
    ]
    lines = [json.dumps(_head("chat.completion.chunk") | chunk) for chunk in chunks]
    return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]).encode()


def _head(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "listener"}
