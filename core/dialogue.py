"""A dialogue as two pure functions: `decide` what a command makes happen, `evolve` the state by what happened.

Everything about a dialogue, its clock included, is a fold over its append-only log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from core.clock import Clock, PauseCause
from core.errors import DamagedLog
from core.events import (
    Alerted,
    Beat,
    Closed,
    CloseReason,
    Entry,
    Event,
    Joined,
    Opened,
    Paused,
    Resumed,
    Said,
    TakenUp,
    Unseen,
)
from core.transcript import Message, Role

MAX_MESSAGE = 2_000
"""Characters (Unicode code points) of one message after trimming."""


class Refused(Exception):
    """A command that the rules of the dialogue do not allow; nothing is stored."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message with its place in the log."""

    seq: int
    role: Role
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The state of a dialogue: what the log up to `seq` says."""

    counterpart: Role = Role.SEEKER
    reply_time_counts: bool = True
    seq: int = 0
    at: int = 0
    messages: tuple[Spoken, ...] = ()
    seq_of: Mapping[str, int] = field(default_factory=dict)
    """The seq of each `client_id`."""
    clock: Clock | None = None
    connection: str | None = None
    process: str = ""
    """The process that served the last join."""
    closed: CloseReason | None = None

    @property
    def is_open(self) -> bool:
        return self.seq > 0 and self.closed is None

    @property
    def is_supporters_turn(self) -> bool:
        """Seeker and coach open; then the two take turns."""
        return bool(self.messages) and self.messages[-1].role is self.counterpart

    @property
    def awaits_reply(self) -> bool:
        """Whether a supporter's message stands unanswered in an open dialogue."""
        return self.is_open and bool(self.messages) and self.messages[-1].role is Role.SUPPORTER

    @property
    def transcript(self) -> tuple[Message, ...]:
        return tuple(Message(role=spoken.role, text=spoken.text) for spoken in self.messages)

    def is_paused_by(self, cause: PauseCause) -> bool:
        return self.clock is not None and cause in self.clock.paused_by


# Commands


@dataclass(frozen=True, slots=True)
class Open:
    rules: Opened


@dataclass(frozen=True, slots=True)
class Join:
    """A connection takes the dialogue over."""

    connection: str
    process: str = ""


@dataclass(frozen=True, slots=True)
class TakeUp:
    """Nobody has served the dialogue for a while although its clock ran; that time is given back."""


@dataclass(frozen=True, slots=True)
class Leave:
    connection: str
    unseen_ms: int = 0
    """Active time since the connection was last heard of (`active_since`), where that is noticed only now."""


@dataclass(frozen=True, slots=True)
class Say:
    client_id: str
    text: str
    pasted: bool = False
    compose_ms: int | None = None
    in_distress: bool = False
    """Whether the text speaks of harming oneself."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The counterpart's message; the opening one as well."""

    text: str
    label: Mapping[str, object] = field(default_factory=dict)
    after: int | None = None
    """The seq of the line that it answers, 0 for none: it comes too late when the last line is another. None: any."""


@dataclass(frozen=True, slots=True)
class Hide:
    pass


@dataclass(frozen=True, slots=True)
class Show:
    pass


@dataclass(frozen=True, slots=True)
class MissSeeker:
    """The model is failing beyond the grace; nothing happens when the reply has come in the meantime."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; what is due happens."""


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """Whoever served the dialogue is known to have lived at that time."""


@dataclass(frozen=True, slots=True)
class Close:
    reason: CloseReason


Command = Open | Join | TakeUp | Leave | Say | Reply | Hide | Show | MissSeeker | Tick | KeepAlive | Close


def due(dialogue: Dialogue, now: int) -> tuple[Entry, ...]:
    """What time alone has made happen by `now`, at the instant it was due: the idle pause or the end of the time."""
    match _next(dialogue):
        case (at, event) if at <= now:
            return (Entry(dialogue.seq + 1, at, event),)
        case _:
            return ()


def next_due(dialogue: Dialogue) -> int | None:
    """When time alone will next make something happen; None when it will not."""
    coming = _next(dialogue)
    return None if coming is None else coming[0]


def _next(dialogue: Dialogue) -> tuple[int, Event] | None:
    """What time alone will make happen next, and when: the end, unless the supporter is idle before it."""
    clock = dialogue.clock
    if not dialogue.is_open or clock is None or clock.zero_at is None or clock.idle_at is None:
        return None
    if dialogue.is_supporters_turn and clock.idle_at < clock.zero_at:
        return clock.idle_at, Paused(PauseCause.IDLE)
    return clock.zero_at, Closed(CloseReason.TIME)


def decide(dialogue: Dialogue, command: Command, now: int) -> tuple[Entry, ...]:
    """The entries that `command` appends at `now`; none when it changes nothing.

    What was due by `now` must have been applied before. Raises `Refused` when the rules do not allow the command; a
    repeated `client_id` is not refused: it appends nothing, and `seq_of` tells where the line stands.
    """
    at = max(now, dialogue.at)
    return tuple(Entry(seq, at, event) for seq, event in enumerate(_events(dialogue, command), dialogue.seq + 1))


def _events(dialogue: Dialogue, command: Command) -> list[Event]:
    match command:
        case Open(rules):
            return [] if dialogue.seq else [rules]
        case Say():
            return _say(dialogue, command)
        case _ if not dialogue.is_open:
            return []
        case Join():
            return _join(dialogue, command)
        case TakeUp():
            return [TakenUp()] if dialogue.clock is not None and dialogue.clock.running else []
        case Leave(connection, unseen_ms) if connection == dialogue.connection:
            return _leave(dialogue, unseen_ms)
        case Leave():
            return []
        case Reply():
            return _reply(dialogue, command)
        case Hide():
            return _pause(dialogue, PauseCause.HIDDEN)
        case Show():
            return _resume(dialogue, PauseCause.HIDDEN)
        case MissSeeker():
            return [] if dialogue.is_supporters_turn else _pause(dialogue, PauseCause.SEEKER_UNAVAILABLE)
        case KeepAlive():
            return [Beat()] if dialogue.clock is not None and dialogue.clock.running else []
        case Close(reason):
            return [Closed(reason)]
        case Tick():
            return []


def _say(dialogue: Dialogue, say: Say) -> list[Event]:
    if say.client_id in dialogue.seq_of:
        return []
    text = say.text.strip()
    if not dialogue.is_open:
        raise Refused("closed", "This conversation is over.")
    if not text:
        raise Refused("empty", "Write a few words first.")
    if len(text) > MAX_MESSAGE:
        raise Refused("too_long", f"A message may have {MAX_MESSAGE:,} characters; this one has {len(text):,}.")
    if not dialogue.is_supporters_turn:
        raise Refused("not_your_turn", "Wait for the reply, then send this again.", retryable=True)
    said = Said(role=Role.SUPPORTER, text=text, client_id=say.client_id, pasted=say.pasted, compose_ms=say.compose_ms)
    events: list[Event] = [said]
    events += _resume(dialogue, PauseCause.HIDDEN, PauseCause.IDLE, PauseCause.SUPPORT)
    if not dialogue.reply_time_counts:
        events += _pause(dialogue, PauseCause.REPLYING)
    if say.in_distress:
        events.append(Alerted(seq=dialogue.seq + 1))
        if dialogue.clock is not None:
            events.append(Paused(PauseCause.SUPPORT))
    return events


def _join(dialogue: Dialogue, join: Join) -> list[Event]:
    return [
        Joined(join.connection, join.process),
        *_resume(dialogue, PauseCause.DISCONNECTED, PauseCause.HIDDEN),
    ]


def _reply(dialogue: Dialogue, reply: Reply) -> list[Event]:
    last = dialogue.messages[-1].seq if dialogue.messages else 0
    if dialogue.is_supporters_turn or reply.after not in (None, last):
        return []
    said = Said(role=dialogue.counterpart, text=reply.text.strip(), label=reply.label)
    return [said, *_resume(dialogue, PauseCause.REPLYING, PauseCause.SEEKER_UNAVAILABLE)]


def _leave(dialogue: Dialogue, unseen_ms: int) -> list[Event]:
    paused = _pause(dialogue, PauseCause.DISCONNECTED)
    return [Unseen(unseen_ms), *paused] if paused and unseen_ms else paused


def _pause(dialogue: Dialogue, cause: PauseCause) -> list[Event]:
    return [] if dialogue.clock is None or dialogue.is_paused_by(cause) else [Paused(cause)]


def _resume(dialogue: Dialogue, *causes: PauseCause) -> list[Event]:
    return [Resumed(cause) for cause in causes if dialogue.is_paused_by(cause)]


def evolve(dialogue: Dialogue, entry: Entry) -> Dialogue:
    """The dialogue after one more entry of its log. Raises `DamagedLog` when an entry is missing before it."""
    if entry.seq > dialogue.seq + 1:
        raise DamagedLog(dialogue.seq + 1)
    if entry.seq <= dialogue.seq:
        raise ValueError(f"entry {entry.seq} cannot follow entry {dialogue.seq}")
    at = max(entry.at, dialogue.at)
    return replace(_apply(dialogue, entry.event, seq=entry.seq, at=at), seq=entry.seq, at=at)


def _apply(dialogue: Dialogue, event: Event, *, seq: int, at: int) -> Dialogue:
    clock = dialogue.clock
    match event:
        case Opened():
            return replace(
                dialogue,
                counterpart=event.counterpart,
                reply_time_counts=event.reply_time_counts,
                clock=None if event.limit_ms is None else Clock(event.limit_ms, event.idle_ms, at=at),
            )
        case Said():
            return _hear(dialogue, event, seq=seq, at=at)
        case Joined(connection, process):
            return replace(dialogue, connection=connection, process=process, clock=clock and clock.until(at))
        case Paused(cause):
            return replace(dialogue, clock=clock and clock.pause(cause, at))
        case Resumed(cause):
            return replace(dialogue, clock=clock and clock.resume(cause, at))
        case Beat() | Alerted():
            return replace(dialogue, clock=clock and clock.until(at))
        case TakenUp():
            return replace(dialogue, clock=clock and clock.taken_up(at))
        case Unseen(ms):
            return replace(dialogue, clock=clock and clock.given_back(ms, at))
        case Closed(reason):
            return replace(dialogue, closed=reason, clock=clock and clock.stop(at))


def _hear(dialogue: Dialogue, said: Said, *, seq: int, at: int) -> Dialogue:
    clock = dialogue.clock
    if clock is not None:
        clock = (clock.start(at) if said.role is Role.SUPPORTER else clock).hear(at)
    spoken = Spoken(seq=seq, role=said.role, text=said.text, at=at)
    seq_of = {**dialogue.seq_of, said.client_id: seq} if said.client_id else dialogue.seq_of
    return replace(dialogue, messages=(*dialogue.messages, spoken), seq_of=seq_of, clock=clock)


def fold(entries: Iterable[Entry]) -> Dialogue:
    """The dialogue that a whole log tells. Raises `DamagedLog` when an entry is missing."""
    return reduce(evolve, entries, Dialogue())


def active_since(entries: Iterable[Entry], moment: int, *, now: int) -> int:
    """Active milliseconds from `moment` to `now`, by the whole log of a dialogue; 0 without a clock.

    What has been given back since, after a crash or an outage, is not counted again.
    """
    log = list(entries)
    dialogue = fold(entry for entry in log if entry.at <= moment)
    used_then = _used(dialogue, moment)
    for entry in log[dialogue.seq :]:
        dialogue = evolve(dialogue, entry)
        used_then = min(used_then, _used(dialogue, dialogue.at))
    return _used(dialogue, now) - used_then


def _used(dialogue: Dialogue, now: int) -> int:
    return 0 if dialogue.clock is None else dialogue.clock.used(now)
