"""A pretended server: keeps what the contract promises of frames, and does what a test tells it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

Frame = dict[str, Any]


@dataclass
class PretendedDialogue:
    """One dialogue: its log, who is connected, and what it is to do next."""

    id: str
    answerer: str
    replies: tuple[str, ...]
    limit_ms: int | None = 240_000
    opening: str | None = "My mother has been told she has cancer. I only heard yesterday."
    reply_after_s: float = 0.05
    delta_every_s: float = 0.01
    remaining_ms: float = 240_000
    running: bool = False
    paused_by: list[str] = field(default_factory=list)
    status: str = "open"
    reason: str = "time"
    holding_replies: bool = False
    replying: bool = False
    dropping_before_ack: int = 0
    """How many lines are to be stored and then left without an acknowledgement, the connection being cut."""
    refusing_connections: bool = False
    turning_away_with: int | None = None
    breaking_with: int | None = None
    """The code with which the next line that is said ends the connection."""
    deaf: bool = False
    """Takes no notice of anything but a join, as behind a network that has died without a word."""
    log: list[Frame] = field(default_factory=list)
    seqs: dict[str, int] = field(default_factory=dict)
    received: list[Frame] = field(default_factory=list)
    joins: list[int] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None
    seq: int = 0

    def __post_init__(self) -> None:
        self.remaining_ms = float(self.limit_ms or 0)
        if self.opening:
            self.store(self.answerer, self.opening)

    def store(self, role: str, text: str) -> Frame:
        """Number gaps on purpose: the log holds more than messages."""
        self.seq += 2
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = {"seq": self.seq, "role": role, "text": text, "sent_at": now}
        self.log.append(message)
        return message

    @property
    def clock(self) -> Frame | None:
        if self.limit_ms is None:
            return None
        return {"remaining_ms": round(self.remaining_ms), "running": self.running, "paused_by": list(self.paused_by)}

    async def send(self, frame: Frame) -> None:
        if self.socket is not None and not self.socket.closed:
            await self.socket.send_str(json.dumps(frame))

    async def send_clock(self, remaining_ms: float | None = None, *, paused_by: tuple[str, ...] = ()) -> None:
        self.remaining_ms = self.remaining_ms if remaining_ms is None else remaining_ms
        self.paused_by, self.running = list(paused_by), not paused_by
        await self.send({"type": "clock", **(self.clock or {})})

    async def join(self, socket: web.WebSocketResponse, after_seq: int) -> None:
        if self.socket is not None and not self.socket.closed:
            older, self.socket = self.socket, None
            asyncio.ensure_future(older.close(code=4409))  # noqa: RUF006 - it ends with the socket
        self.socket = socket
        self.joins.append(after_seq)
        messages = [m for m in self.log if m["seq"] > after_seq]
        state = {"type": "state", "dialogue": self.id, "status": self.status, "seq": self.seq + 1}
        await self.send({**state, "messages": messages, "clock": self.clock})
        if self.status == "closed":
            await self.close(self.reason)
        elif self.log and self.log[-1]["role"] == "supporter" and not self.holding_replies:
            await self.reply()

    async def take(self, frame: Frame) -> None:
        """Do what a frame asks for; `join` has been taken already."""
        if self.deaf:
            return
        if frame["type"] == "ping":
            await self.send({"type": "pong"})
        if frame["type"] == "say" and self.breaking_with and self.socket is not None:
            await self.socket.close(code=self.breaking_with)
        elif frame["type"] == "say":
            await self.hear(frame)

    async def hear(self, frame: Frame) -> None:
        ident, text = frame["client_id"], frame["text"].strip()
        if ident in self.seqs:
            await self.send({"type": "ack", "client_id": ident, "seq": self.seqs[ident]})
            return
        fault = self.fault_of(text)
        if fault:
            error = {"type": "error", "client_id": ident, "code": fault, "message": f"Refused: {fault}"}
            await self.send({**error, "retryable": fault == "not_your_turn"})
            return
        self.seqs[ident] = self.store("supporter", text)["seq"]
        if self.dropping_before_ack:
            self.dropping_before_ack -= 1
            self.cut()
            return
        await self.send({"type": "ack", "client_id": ident, "seq": self.seqs[ident]})
        if self.limit_ms is not None:
            await self.send_clock()
        if not self.holding_replies:
            await self.reply()

    def fault_of(self, text: str) -> str | None:
        if not text:
            return "empty"
        if len(text) > 2000:
            return "too_long"
        if self.status == "closed":
            return "closed"
        return "not_your_turn" if not self.log or self.log[-1]["role"] == "supporter" else None

    async def reply(self, text: str | None = None) -> None:
        """Answer the last line; a reply that is under way goes on to whoever has joined since."""
        if self.replying:
            return
        self.replying = True
        said = sum(m["role"] == self.answerer for m in self.log)
        text = text or self.replies[said % len(self.replies)]
        await asyncio.sleep(self.reply_after_s)
        await self.send({"type": "typing", "role": self.answerer})
        for word in text.split(" "):
            await self.send({"type": "delta", "role": self.answerer, "text": word + " "})
            await asyncio.sleep(self.delta_every_s)
        self.replying = False
        await self.send({"type": "message", **self.store(self.answerer, text)})

    def cut(self) -> None:
        """The network is gone, without a word."""
        if self.socket is not None and self.socket._req is not None and self.socket._req.transport is not None:
            self.socket._req.transport.abort()
        self.socket = None

    async def close(self, reason: str) -> None:
        self.status, self.reason = "closed", reason
        if reason == "time" and self.limit_ms is not None:
            self.remaining_ms, self.running = 0, False
            await self.send({"type": "clock", **(self.clock or {})})
        await self.send({"type": "closed", "reason": reason})
        if self.socket is not None:
            await self.socket.close(code=1000)


async def serve_socket(request: web.Request, dialogues: dict[str, PretendedDialogue]) -> web.WebSocketResponse:
    """Serve `/ws`: the first frame joins, the dialogue does the rest."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    dialogue: PretendedDialogue | None = None
    tasks = set()
    async for received in socket:
        if received.type is not WSMsgType.TEXT:
            break
        frame = json.loads(received.data)
        if frame["type"] == "join":
            dialogue = dialogues.get(frame["dialogue"])
            if dialogue is None:
                await socket.close(code=4404)
                break
            if code := dialogue.turning_away_with or (1012 if dialogue.refusing_connections else None):
                await socket.close(code=code)
                break
            action = dialogue.join(socket, frame["after_seq"])
        elif dialogue is None:
            await socket.close(code=4400)
            break
        else:
            dialogue.received.append(frame)
            action = dialogue.take(frame)
        task = asyncio.ensure_future(action)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    return socket
