"""What goes wrong in the layers around the routes is answered in our shape, and stands in the log."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from server.layers import FaultAnswers


@pytest.mark.parametrize(
    ("fault", "status"),
    [(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd"), 400), (IndexError(), 400), (RuntimeError("a bug"), 500)],
)
async def test_fault_before_the_route_is_answered_and_logged(fault: Exception, status: int) -> None:
    """What could not be read is the sender's, all else is ours; either leaves its trace in the log."""
    with capture_logs() as logged:
        sent = await answered(fault, begins=False)

    assert sent[0]["status"] == status
    assert [(line["log_level"], line["status"], line["exc_info"]) for line in logged] == [("warning", status, True)]


async def test_fault_after_the_answer_began_is_passed_on() -> None:
    """A second answer cannot be sent: the server logs the fault."""
    with pytest.raises(ValueError, match="too late"):
        await answered(ValueError("too late"), begins=True)


async def answered(fault: Exception, *, begins: bool) -> list[Message]:
    """What is sent to a request whose layers raise `fault`, after the answer has begun or before."""
    sent: list[Message] = []

    async def layers(_scope: Scope, _receive: Receive, send: Send) -> None:
        if begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise fault

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def keep(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/api/me", "headers": [], "query_string": b""}
    await FaultAnswers(layers)(scope, nothing, keep)
    return sent
