"""A small server of sample pages with a pretended socket, on which the modules are driven as a browser drives them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

from aiohttp import web
from web_dialogue import PretendedDialogue, serve_socket

from web.pages import STATIC, cache_control, render

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' https:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SEEKER_REPLIES = (
    "Barely. I go through the day like a machine. She lives four hours away, and I cannot think of anything else.",
    "Thank you for asking. Nobody else has. I think I am mostly afraid of the phone ringing.",
    "Yes. That is it exactly.",
)
COACH_REPLIES = (
    "You opened with “How are you holding up?”, which let them speak. When you asked “Would it help to move closer "
    "to her?” you offered a solution before the feeling had been heard. You could have said: “That sounds lonely. "
    "What has it been like since yesterday?”",
    "Name the feeling first, and then wait. They will tell you more.",
    "Yes, that would have worked well.",
)
Pages = dict[str, tuple[str, dict[str, Any]]]
T = TypeVar("T")


def seeker(name: str = "conversation-1", **how: Any) -> PretendedDialogue:
    """A conversation opened by the seeker."""
    return PretendedDialogue(id=name, answerer="seeker", replies=SEEKER_REPLIES, **how)


def coach(name: str = "coach-1", **how: Any) -> PretendedDialogue:
    """A dialogue with the coach whose feedback is there unless `opening=None`."""
    how = {"opening": COACH_REPLIES[0], **how}
    return PretendedDialogue(id=name, answerer="coach", replies=COACH_REPLIES, limit_ms=None, **how)


@dataclass
class Stage:
    """The server, in a thread of its own; leave the context to end it."""

    pages: Pages
    dialogues: dict[str, PretendedDialogue] = field(default_factory=dict)
    me: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    posted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Stage:
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def do(self, action: Coroutine[Any, Any, T]) -> T:
        """Let the server's own thread do something, and wait for it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(action, self.loop)
        return future.result(10)

    def call(self, act: Any) -> None:
        """Let the server's own thread call something."""

        async def calling() -> None:
            act()

        self.do(calling())

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._start())
        ready.set()
        self.loop.run_forever()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/ws", self._socket)
        app.router.add_get("/static/{path:.*}", self._static)
        app.router.add_get("/page/{name}", self._page)
        app.router.add_get("/api/me", self._me)
        app.router.add_post("/api/me/events", self._events)
        app.router.add_post("/s/{path:.*}", self._post)
        app.router.add_get("/s/{path:.*}", self._home)
        app.router.add_get("/media/{path:.*}", self._missing)
        app.router.add_get("/", self._index)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self.runner.addresses[0][1]

    async def _stop(self) -> None:
        await self.runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        return await serve_socket(request, self.dialogues)

    def _html(self, html: str) -> web.Response:
        return web.Response(text=html, content_type="text/html", headers={"content-security-policy": POLICY})

    async def _static(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if not (STATIC / path).is_file():
            self.missing.append(path)
            raise web.HTTPNotFound
        headers = {"cache-control": cache_control(path, version=request.query.get("v"))}
        return web.FileResponse(STATIC / path, headers=headers)

    async def _page(self, request: web.Request) -> web.Response:
        template, context = self.pages[request.match_info["name"]]
        return self._html(render(template, **context))

    async def _index(self, _request: web.Request) -> web.Response:
        links = "".join(f'<li><a href="/page/{name}">{name}</a></li>' for name in self.pages)
        return self._html(f"<!doctype html><title>Pages</title><ul>{links}</ul>")

    async def _home(self, _request: web.Request) -> web.Response:
        return self._html('<!doctype html><html lang="en"><title>Home</title><h1>home</h1>')

    async def _me(self, _request: web.Request) -> web.Response:
        return web.json_response(self.me)

    async def _events(self, request: web.Request) -> web.Response:
        if request.headers.get("x-csrftoken") != "token-of-the-form":
            raise web.HTTPForbidden
        self.events += (await request.json())["events"]
        return web.Response(status=204)

    async def _post(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.posted.append((request.path, form))
        raise web.HTTPSeeOther("/s/demo")

    async def _missing(self, _request: web.Request) -> web.Response:
        raise web.HTTPNotFound
