"""A participant's side of the API and the socket, as small as tests need it: it judges nothing and hides nothing."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

PATIENCE_S = 20.0
"""How long a frame or a state may take on a machine that does other things as well."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def error(self) -> dict[str, Any]:
        """The refusal; fails where the answer is none in the project's shape."""
        assert list(self.body) == ["error"], f"{self.status}: not a refusal but {self.body}"
        error: dict[str, Any] = self.body["error"]
        assert isinstance(error["code"], str) and isinstance(error["message"], str) and error["message"]
        return error

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of a refusal."""
        return self.status, self.error["code"]

    @property
    def step(self) -> dict[str, Any]:
        assert self.status == 200, f"{self.status}: {self.body}"
        step: dict[str, Any] = self.body["step"]
        return step


class Client:
    """Calls to one server, with the headers of one participant (none before entering)."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url
        self.headers: dict[str, str] = {}
        self.id = ""

    async def call(self, method: str, path: str, *, body: object = None, **options: Any) -> Answer:
        options = {"headers": self.headers, "allow_redirects": False, **options}
        async with self.http.request(method, self.url + path, json=body, **options) as answer:
            raw = await answer.read()
            is_json = answer.content_type == "application/json"
            read = json.loads(raw) if is_json and raw else raw.decode(errors="replace")
            return Answer(answer.status, read, dict(answer.headers))

    async def enter(self, slug: str, **body: object) -> Answer:
        """Enter; from now on this client is that participant."""
        answer = await self.call("POST", f"/api/studies/{slug}/participants", body=body)
        if answer.status == 201:
            self.id = answer.body["participant_id"]
            self.headers = {"Authorization": f"Bearer {answer.body['token']}"}
        return answer

    async def me(self) -> Answer:
        return await self.call("GET", "/api/me")

    async def take(self, step_id: str, answers: Mapping[str, object] | None = None) -> Answer:
        return await self.call("POST", f"/api/me/steps/{step_id}", body={"answers": dict(answers or {})})

    async def consent(self, slug: str, *, time_factor: float | None = None, **entering: object) -> dict[str, Any]:
        """Enter and agree; the step that comes then."""
        await self.enter(slug, **entering)
        chosen = {} if time_factor is None else {"time_factor": time_factor}
        return (await self.take("consent", {"consent": True, **chosen})).step

    async def note(self, kind: str, *, step: str, payload: object) -> Answer:
        event = {"kind": kind, "at_ms": time.time_ns() // 1_000_000, "step": step, "payload": payload}
        return await self.call("POST", "/api/me/events", body={"events": [event]})

    async def withdraw(self) -> Answer:
        return await self.call("POST", "/api/me/withdraw")

    @asynccontextmanager
    async def page(self, dialogue: str = "", *, headers: Mapping[str, str] | None = None) -> AsyncIterator[Page]:
        """A socket; with `dialogue` it has joined, and `page.state` is the answer."""
        socket_url = self.url.replace("http", "ws", 1) + "/ws"
        async with self.http.ws_connect(socket_url, headers=self.headers if headers is None else headers) as socket:
            page = Page(socket, dialogue)
            if dialogue:
                await page.join(dialogue)
            yield page


@dataclass
class Closed(Exception):
    """The server has closed the socket."""

    code: int | None


@dataclass
class Page:
    """One socket, with every frame it was sent."""

    socket: aiohttp.ClientWebSocketResponse
    dialogue: str
    frames: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)

    async def send(self, type_: str, **frame: object) -> None:
        await self.socket.send_str(json.dumps({"type": type_, **frame}, ensure_ascii=False))

    async def join(self, dialogue: str, *, after_seq: int = 0) -> dict[str, Any]:
        await self.send("join", dialogue=dialogue, after_seq=after_seq)
        self.state = await self.until("state")
        return self.state

    async def say(self, text: str, *, client_id: str = "", **more: object) -> dict[str, Any]:
        """Say a line; the `ack` or the `error` that answers it."""
        client_id = client_id or uuid.uuid4().hex
        await self.send("say", client_id=client_id, text=text, **more)
        return await self.until("ack", "error", client_id=client_id)

    async def next(self, wait_s: float = PATIENCE_S) -> dict[str, Any]:
        """The next frame. Raises `Closed` when the server has closed, `TimeoutError` after `wait_s`."""
        received = await asyncio.wait_for(self.socket.receive(), wait_s)
        if received.type is not aiohttp.WSMsgType.TEXT:
            raise Closed(self.socket.close_code)
        frame: dict[str, Any] = json.loads(received.data)
        self.frames.append(frame)
        return frame

    async def until(self, *types: str, wait_s: float = PATIENCE_S, **having: object) -> dict[str, Any]:
        """The next frame of one of `types` that has these fields."""
        async with asyncio.timeout(wait_s):
            while True:
                frame = await self.next(wait_s)
                if frame["type"] in types and all(frame.get(name) == value for name, value in having.items()):
                    return frame

    async def reply(self, role: str = "seeker") -> dict[str, Any]:
        """The message that answers our last line, also when it was quicker than another frame we waited for."""
        line = max((frame["seq"] for frame in self.of("ack")), default=0)
        come = [frame for frame in self.of("message") if frame["seq"] > line]
        return come[0] if come else await self.until("message", role=role)

    async def until_clock(self, *paused_by: str, wait_s: float = PATIENCE_S) -> dict[str, Any]:
        """The next clock frame with exactly these causes."""
        return await self.until("clock", paused_by=sorted(paused_by), wait_s=wait_s)

    async def listen(self, seconds: float) -> list[dict[str, Any]]:
        """Every frame of the coming seconds."""
        heard: list[dict[str, Any]] = []
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                heard.append(await self.next(left))
            except TimeoutError:
                break
        return heard

    async def closing_code(self) -> int | None:
        """The code with which the server closes."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    await self.next()
        except Closed as closed:
            return closed.code

    def of(self, type_: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == type_]


@asynccontextmanager
async def clients(url: str, count: int = 1) -> AsyncIterator[list[Client]]:
    """`count` clients over one pool of connections; no cookies are kept."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield [Client(http, url) for _ in range(count)]


async def eventually(check: Any, *, wait_s: float = PATIENCE_S) -> Any:
    """What `check()` returns once it is true; fails when it stays false."""
    end = time.monotonic() + wait_s
    while True:
        found = check()
        found = await found if asyncio.iscoroutine(found) else found
        if found:
            return found
        assert time.monotonic() < end, f"not within {wait_s:.0f} s"
        await asyncio.sleep(0.1)
