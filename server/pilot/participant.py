"""One simulated participant, from consent to the last page, over the public API and the WebSocket."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from core.errors import Unusable
from core.transcript import Message, Role
from personas.supporters import Supporter, simulated_skill_after
from server import frames

TURNS = 12
"""Messages of a supporter in one conversation, about: the time between two follows from the clock (LE-28)."""
QUESTIONS = (
    "What could I have said instead in the middle of the conversation?",
    "How do I show that I understand without repeating everything?",
    "Is it ever all right to give advice?",
    "What did I do well, and what should I try next time?",
    "I ran out of time. What matters most when there is little of it?",
)
RECONNECT_S = 0.3
FOR_GOOD = (frames.NOT_AUTHENTICATED, frames.NO_SUCH_DIALOGUE, frames.DAMAGED)
"""Codes with which a server closes a conversation that nobody can join: a stranger's, none, a damaged one."""
NOT_NOW = 503
MOST_FAILURES = 100
"""Lost or put off calls in a row after which the server is taken to be gone."""


class NotNow(Exception):
    """The server cannot answer just now, and says that it may be asked again."""


class Walk:
    """A participant of some skill, who learns from what they are shown as far as the simulation assumes."""

    def __init__(self, http: aiohttp.ClientSession, url: str, slug: str, *, supporter: Supporter, seed: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._slug = slug
        self._supporter = supporter
        self._random = random.Random(seed)  # noqa: S311 - a simulation that can be repeated
        self._skill = self._random.betavariate(2, 4)
        self._headers: dict[str, str] = {}
        self._name = f"pilot-{seed}-{uuid.uuid4().hex[:8]}"
        self.acknowledged: dict[str, dict[int, str]] = {}
        """What the server has acknowledged: text by seq, by dialogue."""

    async def run(self) -> None:
        """Walk the whole study, through lost connections.

        Raises `Unusable` when the server refuses what a participant may do, or stays away.
        """
        failures = 0
        while failures < MOST_FAILURES:
            try:
                if await self._take_step():
                    return
                failures = 0
            except (aiohttp.ClientError, OSError, NotNow):
                failures += 1
                await asyncio.sleep(RECONNECT_S)
        raise Unusable(f"cannot reach the server at {self._url}")

    async def _take_step(self) -> bool:
        """Take the step that the server says is next, after entering; whether the end is reached."""
        if not self._headers:
            await self._enter()
        step = (await self._get("/api/me"))["step"]
        if step["kind"] == "end":
            return True
        await self._take(step["id"], await self._answer(step))
        return False

    async def _enter(self) -> None:
        body = {"external_id": self._name, "source": "pilot"}
        entered = await self._post(f"/api/studies/{self._slug}/participants", body)
        self._headers = {"Authorization": f"Bearer {entered['token']}"}

    async def _answer(self, step: Mapping[str, Any]) -> dict[str, Any]:
        content = step["content"]
        match step["kind"]:
            case "survey":
                return {item["id"]: self._choose(item) for item in content["items"]}
            case "conversation":
                await self._talk(content["dialogue"])
            case "video":
                await self._watch(step["id"], content["videos"])
                self._skill = simulated_skill_after(self._skill, lessons=True, coached=False)
            case "coach":
                await self._ask(content["dialogue"])
                self._skill = simulated_skill_after(self._skill, lessons=False, coached=True)
            case "comparison":
                return {"choice": self._random.choice(("left", "right"))}
            case "rating":
                values = range(content["lowest"], content["highest"] + 1)
                return {dimension["id"]: self._random.choice(values) for dimension in content["dimensions"]}
            case _ if content.get("consent"):
                return {"consent": True}
        return {}

    def _choose(self, item: Mapping[str, Any]) -> Any:
        if item["id"] == "ai_assistance":
            return "yes" if self._random.random() < 0.03 else "no"
        if item.get("options"):
            return self._random.choice(item["options"])["value"]
        if item["kind"] == "number":
            return self._random.randint(int(item.get("minimum", 18)), 80)
        return True if item["kind"] == "checkbox" else "This is a simulated participant."

    async def _watch(self, step_id: str, videos: list[dict[str, Any]]) -> None:
        """Play every video and wait until the server has seen its time pass; how fast that is, the server knows."""
        for video in videos:
            await self._note(step_id, "video_play", video, 0)
        for _ in range(120):
            await asyncio.sleep(0.5)
            for video in videos:
                await self._note(step_id, "video_ended", video, video["seconds"])
            if await self._is_taken(step_id):
                return
        raise Unusable("a video was never counted as seen")

    async def _is_taken(self, step_id: str) -> bool:
        """Try to take the step; it is taken as well when an earlier try was, though its answer was lost."""
        async with self._http.post(
            f"{self._url}/api/me/steps/{step_id}", json={"answers": {}}, headers=self._headers
        ) as answer:
            if answer.status == 200:
                return True
        return bool((await self._get("/api/me"))["step"]["id"] != step_id)

    async def _note(self, step_id: str, kind: str, video: Mapping[str, Any], position: float) -> None:
        payload = {"video": video["id"], "position_s": position}
        event = {"kind": kind, "at_ms": time.time_ns() // 1_000_000, "step": step_id, "payload": payload}
        await self._post("/api/me/events", {"events": [event]})

    async def _talk(self, dialogue: str) -> None:
        """Keep the conversation going until the server closes it, through lost connections."""
        talk = self._open(dialogue)
        turn = 0
        while await talk.until_my_turn():
            await asyncio.sleep(talk.limit_s / TURNS * self._random.uniform(0.7, 1.3))
            turn += 1
            line = await self._supporter.reply(
                talk.messages, skill=self._skill, seed=self._random.getrandbits(31), purpose=f"pilot/{turn}"
            )
            await talk.say(line.text)

    async def _ask(self, dialogue: str) -> None:
        talk = self._open(dialogue)
        if await talk.until_my_turn():
            await talk.say(self._random.choice(QUESTIONS))
            await talk.until_my_turn()
        await talk.leave()

    def _open(self, dialogue: str) -> Talk:
        acknowledged = self.acknowledged.setdefault(dialogue, {})
        return Talk(self._http, self._url, self._headers, dialogue, acknowledged=acknowledged)

    async def _take(self, step_id: str, answers: Mapping[str, Any]) -> None:
        me = await self._get("/api/me")
        if me["step"]["id"] == step_id:
            await self._post(f"/api/me/steps/{step_id}", {"answers": answers})

    async def _get(self, path: str) -> Any:
        async with self._http.get(self._url + path, headers=self._headers) as answer:
            return await _read(answer)

    async def _post(self, path: str, body: object) -> Any:
        async with self._http.post(self._url + path, json=body, headers=self._headers) as answer:
            return await _read(answer)


class Talk:
    """One dialogue over the socket, joined again whenever the connection is lost."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        headers: Mapping[str, str],
        dialogue: str,
        *,
        acknowledged: dict[int, str],
    ) -> None:
        self._http = http
        self._acknowledged = acknowledged
        self._socket_url = url.replace("http", "ws", 1) + "/ws"
        self._headers = headers
        self._dialogue = dialogue
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._shown: dict[int, Message] = {}
        self._flight: dict[str, Any] | None = None
        self.limit_s = 0.0

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(self._shown[seq] for seq in sorted(self._shown))

    async def until_my_turn(self) -> bool:
        """Wait for the counterpart's message; False once the dialogue is closed."""
        while True:
            frame = await self._next()
            if frame["type"] == "closed":
                return False
            is_mine = bool(self._shown) and self.messages[-1].role is not Role.SUPPORTER
            if is_mine and self._flight is None and frame["type"] in ("state", "message"):
                return True

    async def say(self, text: str) -> None:
        """Say a line; it is sent again with the same id until it is acknowledged."""
        self._flight = {"type": "say", "client_id": uuid.uuid4().hex, "text": text}
        if self._socket is not None and not self._socket.closed:
            await self._socket.send_json({"type": "typing"})
            await self._socket.send_json(self._flight)

    async def leave(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def _next(self) -> dict[str, Any]:
        while True:
            if self._socket is None or self._socket.closed:
                await self._join()
            assert self._socket is not None  # noqa: S101 - just joined
            received = await self._socket.receive()
            if received.type is aiohttp.WSMsgType.TEXT:
                frame: dict[str, Any] = orjson.loads(received.data)
                self._note(frame)
                return frame
            if self._socket.close_code in FOR_GOOD:
                raise Unusable(f"the server lets nobody into conversation {self._dialogue}: {self._socket.close_code}")
            self._socket = None

    async def _join(self) -> None:
        while True:
            try:
                self._socket = await self._http.ws_connect(self._socket_url, headers=self._headers)
                await self._socket.send_json({"type": "join", "dialogue": self._dialogue, "after_seq": 0})
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(RECONNECT_S)
                continue
            if self._flight is not None:
                await self._socket.send_json(self._flight)
            return

    def _note(self, frame: Mapping[str, Any]) -> None:
        match frame["type"]:
            case "state":
                self._shown = {m["seq"]: Message(Role(m["role"]), m["text"]) for m in frame["messages"]}
                clock = frame["clock"]
                self.limit_s = self.limit_s or (clock["remaining_ms"] / 1000 if clock else 0.0)
            case "message":
                self._shown[frame["seq"]] = Message(Role(frame["role"]), frame["text"])
            case "ack" if self._flight is not None and frame["client_id"] == self._flight["client_id"]:
                self._shown[frame["seq"]] = Message(Role.SUPPORTER, self._flight["text"])
                self._acknowledged[frame["seq"]] = self._flight["text"]
                self._flight = None
            case "error" if not frame["retryable"]:
                self._flight = None


async def _read(answer: aiohttp.ClientResponse) -> Any:
    if answer.status == NOT_NOW:
        raise NotNow
    if answer.status >= 400:
        refusal = _told(await answer.text())
        raise Unusable(f"the server refused a simulated participant: {refusal} ({answer.status})")
    return None if answer.status == 204 else await answer.json()


def _told(body: str) -> str:
    """The sentence in an answer that refuses; the beginning of one that has another form."""
    try:
        return str(orjson.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return body[:200]
