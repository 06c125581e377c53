"""The layers around the routes that every request passes: headers, size limit, answers to faults.

Each is given requests alone: `server.socket.Sockets` takes the sockets before, and the server runs no lifespan.
"""

from __future__ import annotations

from http.cookies import CookieError

import structlog
from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.refusals import failed, refusal

log = structlog.get_logger()

MAX_BODY = 256 * 1024
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' https:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
UNREADABLE = (ValueError, CookieError, IndexError, TypeError, AssertionError)
"""What the layers around the routes raise over a request: not UTF-8 or ASCII, no cookie, no boundary, cut off."""
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Headers:
    """Adds the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class FaultAnswers:
    """Answers what goes wrong in the layers around the routes; what the routes raise has been answered before.

    Nothing is lost without a word: both what could not be read and what is a fault of ours stand in the log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # the outermost loop of a request
            if has_begun:
                raise
            answer = _unreadable(scope) if isinstance(error, UNREADABLE) else failed(Request(scope))
            log.warning("request failed before its route", status=answer.status_code, exc_info=True)
            await answer(scope, receive, send)


def _unreadable(scope: Scope) -> Response:
    message = "That could not be read. Please reload the page and send it again."
    return refusal(Request(scope), status=400, code="malformed", message=message)


class SizeLimit:
    """Refuses bodies above the limit before they are read, and cuts off those that do not say their size."""

    def __init__(self, app: ASGIApp, *, most: int = MAX_BODY) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self._most:
            await _too_large(scope)(scope, receive, send)
            return
        await _Limited(scope, receive, send, most=self._most).run(self._app)


class _Limited:
    """One request of unknown size: beyond the limit its body ends, and its answer is the refusal."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, most: int) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._left = most
        self._has_begun = False

    async def run(self, app: ASGIApp) -> None:
        await app(self._scope, self._counted, self._sent)

    async def _counted(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return message if self._left >= 0 else {"type": "http.disconnect"}

    async def _sent(self, message: Message) -> None:
        if self._left >= 0 or self._has_begun:
            self._has_begun = True
            await self._send(message)
        elif message["type"] == "http.response.start":
            await _too_large(self._scope)(self._scope, self._receive, self._send)


def _too_large(scope: Scope) -> Response:
    return refusal(Request(scope), status=413, code="too_large", message="That is more than can be accepted at once.")
