"""The frames that the server sends over the socket, and its close codes."""

from __future__ import annotations

from typing import Any

from core.clock import Clock
from core.dialogue import Dialogue, Refused, Spoken
from core.events import CloseReason
from core.transcript import Role
from server.times import iso

NORMAL = 1000
RESTARTING = 1012
TOO_SLOW = 1008
MALFORMED = 4400
NOT_AUTHENTICATED = 4401
NO_SUCH_DIALOGUE = 4404
TAKEN_OVER = 4409
DAMAGED = 4410
TOO_LARGE = 4413
TOO_FAST = 4429

UNAVAILABLE = Refused(
    "storage_unavailable", "This could not be stored just now. It is kept on your page and sent again.", retryable=True
)

NOTICES = {
    "idle": "It has been a while. The clock is waiting: it goes on when you send your next message.",
    "reply_delayed": "The reply is taking longer than usual. Your clock is waiting, and nothing you wrote is lost.",
    "coach_delayed": "The coach is taking longer than usual. Nothing you wrote is lost.",
    "coach_unavailable": "The coach cannot answer at the moment. You can go on without waiting.",
    "support_resources": (
        "What you wrote sounds serious. If you are thinking of harming yourself, please talk to somebody now: the help "
        "lines are on this page. The clock is waiting; you may go on, take a break or stop, whatever is best for you."
    ),
}


def state(dialogue_id: str, dialogue: Dialogue, *, now: int, after_seq: int) -> dict[str, Any]:
    return {
        "type": "state",
        "dialogue": dialogue_id,
        "status": "open" if dialogue.closed is None else "closed",
        "seq": dialogue.seq,
        "messages": [_shown(m) for m in dialogue.messages if m.seq > after_seq],
        "clock": None if dialogue.clock is None else _clock(dialogue.clock, now=now),
    }


def ack(client_id: str, seq: int) -> dict[str, Any]:
    return {"type": "ack", "client_id": client_id, "seq": seq}


def typing(role: Role) -> dict[str, Any]:
    return {"type": "typing", "role": role.value}


def delta(role: Role, text: str) -> dict[str, Any]:
    return {"type": "delta", "role": role.value, "text": text}


def message(seq: int, role: Role, text: str, at: int) -> dict[str, Any]:
    return {"type": "message", **_shown(Spoken(seq=seq, role=role, text=text, at=at))}


def clock(clock: Clock, *, now: int) -> dict[str, Any]:
    return {"type": "clock", **_clock(clock, now=now)}


def notice(code: str) -> dict[str, Any]:
    return {"type": "notice", "code": code, "text": NOTICES[code]}


def closed(reason: CloseReason) -> dict[str, Any]:
    return {"type": "closed", "reason": reason.value}


def error(refused: Refused, *, client_id: str) -> dict[str, Any]:
    return {
        "type": "error",
        "code": refused.code,
        "message": refused.message,
        "retryable": refused.retryable,
        "client_id": client_id,
    }


def pong() -> dict[str, Any]:
    return {"type": "pong"}


def _shown(spoken: Spoken) -> dict[str, Any]:
    return {"seq": spoken.seq, "role": spoken.role.value, "text": spoken.text, "sent_at": iso(spoken.at)}


def _clock(clock: Clock, *, now: int) -> dict[str, Any]:
    return {
        "remaining_ms": clock.remaining(now),
        "running": clock.running,
        "paused_by": sorted(cause.value for cause in clock.paused_by),
    }
