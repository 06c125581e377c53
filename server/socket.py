"""The WebSocket: decodes frames at the border, calls one method of the live dialogue, and always says goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import structlog
from fastapi import FastAPI, WebSocket
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from core.errors import DamagedLog, LendanearError, NotFound
from server import frames
from server.access import bearer, holder_of, is_same_origin, session_tokens, world_of
from server.background import end
from server.connections import SEND_AT_ONCE, SILENCE
from server.live import LiveDialogue
from server.storage.database import STORAGE_FAULTS
from server.storage.log import LogUnavailable

log = structlog.get_logger()

PATH = "/ws"
MAX_FRAME = 16 * 1024
"""Bytes of UTF-8 in a client's frame."""
MAX_FRAMES_PER_S = 20
MAX_WAITING = 256
"""Frames that may wait for a page that does not read; beyond it the connection is cut."""
MAX_CLIENT_ID = 64
GOING_AWAY = 1001
JOIN_S = 15.0
"""How long a page may take to join before it is sent away."""
ABSENT_S = 10.0
"""Who was not heard of for this long was away: a heartbeat, and as long again for its answer."""
GOODBYE_S = 5.0
"""How long a page that does not read may keep its own goodbye waiting."""


class Goodbye(Exception):
    """The connection is to be closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _no_silence() -> float:
    return 0.0


def _not_at_once(_text: bytes) -> bool:
    return False


def _of(socket: WebSocket, name: str, otherwise: Any) -> Any:
    """What our transport tells of a socket, and `otherwise` over the transport of another server."""
    return socket.scope.get("state", {}).get(name, otherwise)


class Page:
    """The socket of one page: a frame goes out at once while the page reads, else it is queued; nobody waits for it."""

    def __init__(self, socket: WebSocket) -> None:
        self.id = uuid4().hex
        self.is_cut_off = False
        """Whether the page was given up because it does not read."""
        self._socket = socket
        self._silence_s: Callable[[], float] = _of(socket, SILENCE, _no_silence)
        self._send_at_once: Callable[[bytes], bool] = _of(socket, SEND_AT_ONCE, _not_at_once)
        self._owner = asyncio.current_task()
        self._waiting: deque[bytes | int] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._is_closed = False

    def send(self, frame: dict[str, Any]) -> None:
        if self._is_closed:
            return
        text = orjson.dumps(frame)
        if self._sender is not None or not self._send_at_once(text):
            self._queue(text)

    def close(self, code: int) -> None:
        if not self._is_closed:
            self._queue(code)

    @property
    def absent_ms(self) -> int:
        """For how long the page has been away; 0 while it gives signs of life."""
        silence_s = self._silence_s()
        return round(1000 * silence_s) if silence_s > ABSENT_S else 0

    def part(self) -> None:
        """The connection is over: its task is not cancelled any more while it tells the dialogue so."""
        self._owner = None

    async def finish(self) -> None:
        """End the sender, whatever still waits."""
        self._is_closed = True
        await end(self._sender)

    def _queue(self, item: bytes | int) -> None:
        if len(self._waiting) == MAX_WAITING:
            self._cut_off()
            return
        self._waiting.append(item)
        if self._sender is None:
            self._sender = asyncio.create_task(self._send_waiting(), name=f"page {self.id}")

    def _cut_off(self) -> None:
        """End the connection's own task: nothing can be told any more to a page that does not read."""
        if not self.is_cut_off and self._owner is not None:
            self.is_cut_off = True
            log.warning("page cut off: it does not read")
            self._owner.cancel()

    async def _send_waiting(self) -> None:
        """Send what is queued, each as soon as the page reads again."""
        try:
            while self._waiting:
                item = self._waiting.popleft()
                if isinstance(item, int):
                    self._is_closed = True
                    await self._socket.close(item)
                    return
                await self._socket.send_text(item.decode())
        except (WebSocketDisconnect, RuntimeError, OSError):
            self._is_closed = True
        finally:
            self._sender = None


class Sockets:
    """The outermost layer: a socket goes straight to its conversation, every other request to `requests`.

    Of the layers between, a socket needs the session alone; the others would cost every word some calls, and every
    silent page some memory.
    """

    def __init__(self, requests: ASGIApp, *, app: FastAPI, sessions: Callable[[ASGIApp], ASGIApp]) -> None:
        self._requests = requests
        self._app = app
        self._read_session = sessions(_nothing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._requests(scope, receive, send)
        elif scope["path"] != PATH:
            await WebSocket(scope, receive, send).close()
        else:
            scope["app"] = self._app
            await self._read_session(scope, receive, send)
            await _talk(WebSocket(scope, receive, send))


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """What stands behind the session, which is all that is wanted."""


async def _talk(socket: WebSocket) -> None:
    """One connection: join first, then say, visibility, typing, ping."""
    await socket.accept()
    page = Page(socket)
    live: LiveDialogue | None = None
    try:
        reader = _Reader(socket)
        tokens = _tokens(socket)
        live = await _join(socket, page, tokens, await _first(page, reader))
        while True:
            await _obey(live, page, await reader.next())
    except Goodbye as goodbye:
        with contextlib.suppress(RuntimeError, TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await socket.close(goodbye.code)
    except WebSocketDisconnect:
        pass
    except asyncio.CancelledError:
        if not page.is_cut_off:
            raise
    finally:
        page.part()
        if live is not None:
            await live.leave(page)
        await page.finish()


async def _first(page: Page, reader: _Reader) -> dict[str, Any]:
    """The first frame that is no ping. Raises `Goodbye` when it does not come in time."""
    try:
        async with asyncio.timeout(JOIN_S):
            while (frame := await reader.next()).get("type") == "ping":
                page.send(frames.pong())
            return frame
    except TimeoutError:
        raise Goodbye(frames.TOO_SLOW) from None


class _Reader:
    """Reads frames within the limits of size and rate. Raises `Goodbye`, or `WebSocketDisconnect` at the end."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._came: deque[float] = deque(maxlen=MAX_FRAMES_PER_S)

    async def next(self) -> dict[str, Any]:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", GOING_AWAY))
        self._count()
        text = received.get("text")
        if text is None:
            raise Goodbye(frames.MALFORMED)
        return _decoded(text)

    def _count(self) -> None:
        now = time.monotonic()
        if len(self._came) == MAX_FRAMES_PER_S and now - self._came[0] < 1.0:
            raise Goodbye(frames.TOO_FAST)
        self._came.append(now)


def _decoded(text: str) -> dict[str, Any]:
    if len(text) > MAX_FRAME or len(text.encode("utf-8", "surrogatepass")) > MAX_FRAME:
        raise Goodbye(frames.TOO_LARGE)
    try:
        frame = orjson.loads(text)
    except ValueError:
        raise Goodbye(frames.MALFORMED) from None
    if not isinstance(frame, dict):
        raise Goodbye(frames.MALFORMED)
    return frame


def _tokens(socket: WebSocket) -> list[str]:
    """The tokens that may open a dialogue here: the Bearer token, or all of a browser on one of our own pages."""
    if (token := bearer(socket)) is not None:
        return [token]
    tokens = session_tokens(socket) if is_same_origin(socket) else []
    if not tokens:
        raise Goodbye(frames.NOT_AUTHENTICATED)
    return tokens


async def _join(socket: WebSocket, page: Page, tokens: list[str], frame: dict[str, Any]) -> LiveDialogue:
    """Join the dialogue that the first frame names, as whoever of `tokens` it belongs to."""
    dialogue_id, after_seq = frame.get("dialogue"), frame.get("after_seq", 0)
    is_number = isinstance(after_seq, int) and not isinstance(after_seq, bool) and after_seq >= 0
    if frame.get("type") != "join" or not isinstance(dialogue_id, str) or not is_number:
        raise Goodbye(frames.MALFORMED)
    try:
        holders = [holder for token in tokens if (holder := await _holder(socket, token)) is not None]
        if not holders:
            raise Goodbye(frames.NOT_AUTHENTICATED)
        for participant_id in holders:
            with contextlib.suppress(NotFound):
                hub = world_of(socket).hub
                return await hub.join(dialogue_id, page, participant_id=participant_id, after_seq=after_seq)
    except DamagedLog as damage:
        log.error("nobody can join", dialogue=dialogue_id, reason=damage.message)
        raise Goodbye(frames.DAMAGED) from None
    except (LogUnavailable, *STORAGE_FAULTS):
        raise Goodbye(frames.RESTARTING) from None
    raise Goodbye(frames.NO_SUCH_DIALOGUE)


async def _holder(socket: WebSocket, token: str) -> str | None:
    try:
        participant = await holder_of(socket, token)
    except LendanearError:
        return None
    world_of(socket).remember(participant)
    return participant.id


async def _obey(live: LiveDialogue, page: Page, frame: dict[str, Any]) -> None:
    match frame:
        case {"type": "say", "client_id": str(client_id), "text": str(text)} if 1 <= len(client_id) <= MAX_CLIENT_ID:
            pasted = frame.get("pasted", False)
            if not isinstance(pasted, bool):
                raise Goodbye(frames.MALFORMED)
            await live.say(page, client_id, text, pasted=pasted)
        case {"type": "visibility", "visible": bool(visible)}:
            await live.show(page, visible)
        case {"type": "typing"}:
            live.type()
        case {"type": "ping"}:
            page.send(frames.pong())
        case _:
            raise Goodbye(frames.MALFORMED)
