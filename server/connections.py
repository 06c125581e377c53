"""The transport under requests and sockets: who is slow to ask is not waited for, who has fallen silent is noticed.

uvicorn answers requests and speaks WebSocket; here stand only the limits that it does not have.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HEARTBEAT_S = 5.0
"""How often a page is asked whether it is there; browsers answer by themselves, whatever the page is doing."""
ANSWER_S = 10.0
"""How long the answer may take before the connection counts as dead."""
REQUEST_S = 30.0
"""How long a request may take to arrive, from its first byte or the connection to its last."""
LINGER_S = 15.0
"""How long after the end a page may take to read our goodbye; longer than the closing handshake may."""

SILENCE = "silence_s"
"""The name under which a socket's state tells how long nothing has come from its page."""


class PromptRequests(HttpToolsProtocol):
    """Cuts off whoever has connected and does not get to the end of a request."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._wait()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._wait_no_more()
        super().on_message_complete()

    def _wait(self) -> None:
        self._wait_no_more()
        self._patience = self.loop.call_later(REQUEST_S, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class AttentiveSockets(WebSocketsSansIOProtocol):
    """Knows when its page was last heard of, and lets go of one that is gone without waiting for its goodbye."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._heard_at = self.loop.time()

    def data_received(self, data: bytes) -> None:
        self._heard_at = self.loop.time()
        super().data_received(data)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"][SILENCE] = self._silence_s

    def keepalive_timeout(self) -> None:
        if self.read_paused:
            # Its answer may lie unread: it is we who are slow.
            self.pong_timer = self.loop.call_later(ANSWER_S, self.keepalive_timeout)
            return
        super().keepalive_timeout()
        # What is still to be sent will never be read; without this the socket would stay until the system gives up.
        self.transport.abort()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self.loop.call_later(LINGER_S, self.transport.abort)

    def _silence_s(self) -> float:
        """Seconds since anything came from the page, an answer to a heartbeat included; 0 while we do not listen."""
        return 0.0 if self.read_paused else self.loop.time() - self._heard_at
