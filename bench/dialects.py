"""How participants speak with each of the servers: this one and the floor, Chainlit, and oTree."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import orjson

from bench.participant import LINE, Participant


class OwnParticipant(Participant):
    """The frames of this server, which the floor understands too."""

    def on_open(self) -> None:
        self.send_text(orjson.dumps({"type": "join", "dialogue": self.seat.dialogue, "after_seq": 0}))

    def line(self, number: int) -> bytes:
        return orjson.dumps({"type": "say", "client_id": f"{id(self)}-{number}-{uuid.uuid4()}", "text": LINE})

    def on_text(self, payload: bytes) -> None:
        frame = orjson.loads(payload)
        match frame["type"]:
            case "delta":
                self.hear(frame["text"])
            case "message":
                self.finish(frame["text"])
            case "ack":
                self.acknowledge()
            case "state":
                self.is_joined()
            case "error" | "closed" | "notice":
                self.note_error(f"{frame['type']}: {frame.get('code') or frame.get('reason')}")


class ChainlitParticipant(Participant):
    """What Chainlit's page says: events of socket.io within packets of engine.io, protocol 4, over one WebSocket.

    The first character is the packet's kind (0 open, 2 ping, 3 pong, 4 message); a message's first character is that
    of socket.io (0 connected, 2 event, 4 refused). `Seat.dialogue` is the session.
    """

    def line(self, number: int) -> bytes:
        message = {
            "id": str(uuid.uuid4()),
            "threadId": "",
            "name": "user",
            "type": "user_message",
            "output": LINE,
            "createdAt": "2026-01-01T00:00:00.000Z",
        }
        return b"42" + orjson.dumps(["client_message", {"message": message, "fileReferences": []}])

    def on_text(self, payload: bytes) -> None:
        if payload[:2] == b"42":
            name, *given = orjson.loads(payload[2:])
            self._take_event(name, given[0] if given else {})
        elif payload == b"2":
            self.send_text(b"3")
        elif payload[:1] == b"0":
            session = {"clientType": "webapp", "sessionId": self.seat.dialogue, "threadId": "", "userEnv": "{}"}
            self.send_text(b"40" + orjson.dumps({**session, "chatProfile": ""}))
        elif payload[:2] == b"40":
            self.send_text(b'42["connection_successful"]')
            self.send_text(b'42["fetch_favorites"]')
            self.is_joined()
        elif payload[:2] == b"44":
            self.note_error("refused by Chainlit")
            self.is_joined()

    def _take_event(self, name: str, given: object) -> None:
        match name, given:
            case "stream_token", {"token": str(text)}:
                self.hear(text)
            case "stream_start", {"output": str(text)}:
                self.hear(text)
            case "update_message", {"type": "assistant_message", "output": str(text)}:
                self.finish(text)
            case "new_message", {"isError": True, "output": str(text)}:
                self.note_error(f"error of Chainlit: {text[:60]}")


class OtreeParticipant(Participant):
    """What oTree's live page says: the payload of `liveSend` as it is; what comes is in an envelope."""

    def on_open(self) -> None:
        self.is_joined()

    def line(self, number: int) -> bytes:
        return orjson.dumps({"text": LINE})

    def on_text(self, payload: bytes) -> None:
        frame = orjson.loads(payload)
        match frame.get("live_method_payload"):
            case {"delta": str(text)}:
                self.hear(text)
            case {"message": str(text)}:
                self.finish(text)
            case _:
                self.note_error("error of oTree's live method")


DIALECTS: Mapping[str, type[Participant]] = {
    "own": OwnParticipant,
    "chainlit": ChainlitParticipant,
    "otree": OtreeParticipant,
}
