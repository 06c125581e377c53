"""Who may join over the socket: asked of the storage, with every token that a browser holds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp, Message

from core.errors import NotFound
from server.socket import PATH, Sockets
from server.storage.sqlite_files import StorageMoved

JOIN = orjson.dumps({"type": "join", "dialogue": "d", "after_seq": 0}).decode()
OWN_PAGE = [(b"host", b"study.example"), (b"origin", b"https://study.example")]


class Participants:
    """Those whom every token belongs to; they may be out of reach."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.asked: list[str] = []
        self._fault = fault

    async def holder(self, token: str) -> SimpleNamespace:
        self.asked.append(token)
        if self._fault is not None:
            raise self._fault
        return SimpleNamespace(id=f"holder of {token}", external_id=None)


class NoDialogues:
    async def join(self, *_: object, **__: object) -> None:
        raise NotFound("There is no such dialogue.")


def _two_studies(_inner: ASGIApp) -> ASGIApp:
    async def read(scope: Any, _receive: Any, _send: Any) -> None:
        scope["session"] = {"tokens": {"one": "token one", "two": "token two"}}

    return read


async def closing_code(participants: Participants) -> int:
    """What a browser on one of our own pages, which has been to two studies and is at none, is sent away with."""
    app = FastAPI()
    app.state.world = SimpleNamespace(participants=participants, hub=NoDialogues(), remember=lambda _: None)
    coming = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": JOIN}]
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": PATH, "headers": OWN_PAGE, "query_string": b""}
    await Sockets(app, app=app, sessions=_two_studies)(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    return int(sent[-1]["code"])


@pytest.mark.parametrize(
    "fault",
    [StorageMoved("gone"), OperationalError("SELECT", {}, Exception("away"))],
    ids=lambda fault: type(fault).__name__,
)
async def test_who_joins_while_the_storage_is_away_is_told_to_come_again(fault: Exception) -> None:
    """The page is sent away with 1012, upon which it tries again by itself."""
    assert await closing_code(Participants(fault)) == 1012


async def test_every_study_of_a_browser_counts_whichever_it_visited_last() -> None:
    """Without a last visit, as after a rater has logged out, the tokens of the other studies still open dialogues."""
    participants = Participants()

    assert await closing_code(participants) == 4404
    assert participants.asked == ["token one", "token two"]
