"""What can happen in a dialogue: the events of its append-only log, and their form as stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from core.clock import PauseCause
from core.transcript import Role


class CloseReason(StrEnum):
    TIME = "time"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Opened:
    """The dialogue began, under these rules, scaled once and for all."""

    kind: ClassVar[str] = "opened"
    counterpart: Role
    limit_ms: int | None = None
    """None: a dialogue without a clock."""
    idle_ms: int = 0
    reply_time_counts: bool = True


@dataclass(frozen=True, slots=True)
class Joined:
    """A connection took the dialogue over; earlier ones are out."""

    kind: ClassVar[str] = "joined"
    connection: str
    process: str = ""
    """The serving process, which holds a lease on this name while it lives."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message was said."""

    kind: ClassVar[str] = "said"
    role: Role
    text: str
    client_id: str | None = None
    pasted: bool = False
    compose_ms: int | None = None
    label: Mapping[str, Any] = field(default_factory=dict)
    """For a model's message: model, prompt version and hash, parameters, role breaks."""


@dataclass(frozen=True, slots=True)
class Paused:
    kind: ClassVar[str] = "paused"
    cause: PauseCause


@dataclass(frozen=True, slots=True)
class Resumed:
    kind: ClassVar[str] = "resumed"
    cause: PauseCause


@dataclass(frozen=True, slots=True)
class Beat:
    """The last sign of life before nobody served the dialogue: until here its process had lived."""

    kind: ClassVar[str] = "beat"


@dataclass(frozen=True, slots=True)
class TakenUp:
    """Nobody had served the dialogue for a while although its clock ran, which goes on from the event before this one.

    The process had died, had slept, or could not store.
    """

    kind: ClassVar[str] = "taken_up"


@dataclass(frozen=True, slots=True)
class Unseen:
    """The connection had been dead for a while before that was noticed; the active time since then is given back."""

    kind: ClassVar[str] = "unseen"
    ms: int


@dataclass(frozen=True, slots=True)
class Alerted:
    """The supporter wrote words about harming themselves; help lines were shown and the desk was told."""

    kind: ClassVar[str] = "alerted"
    seq: int
    """Of the message."""


@dataclass(frozen=True, slots=True)
class Closed:
    kind: ClassVar[str] = "closed"
    reason: CloseReason


Event = Opened | Joined | Said | Paused | Resumed | Beat | TakenUp | Unseen | Alerted | Closed

_BY_KIND: dict[str, type[Event]] = {
    event.kind: event for event in (Opened, Joined, Said, Paused, Resumed, Beat, TakenUp, Unseen, Alerted, Closed)
}
_ENUMS: dict[str, type[StrEnum]] = {"counterpart": Role, "role": Role, "cause": PauseCause, "reason": CloseReason}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its place in the log and its time (milliseconds since the epoch, UTC)."""

    seq: int
    at: int
    event: Event


def to_payload(event: Event) -> dict[str, Any]:
    """The event's fields as plain JSON values."""
    return {name: getattr(event, name) for name in event.__slots__}


def from_payload(kind: str, payload: Mapping[str, Any]) -> Event:
    """The event that `to_payload` was given; raises `KeyError` for a kind that does not exist.

    A field that events no longer have is passed over.
    """
    event = _BY_KIND[kind]
    known = ((name, payload[name]) for name in event.__slots__ if name in payload)
    values: dict[str, Any] = {name: _ENUMS[name](value) if name in _ENUMS else value for name, value in known}
    return event(**values)
