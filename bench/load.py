"""What a load is, and what comes of it: the two values that pass between the bench and its driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Seat:
    """A place to talk from: what opens a dialogue, where it is needed. The floor asks for nothing."""

    token: str = ""
    dialogue: str = ""
    path: str = "/ws"
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be done to one server."""

    port: int
    model_port: int
    seats: Sequence[Seat]
    tokens: Sequence[str]
    """Of the reply that everybody gets, so that what arrives can be checked."""
    tokens_per_s: float
    period_s: float
    seconds: float
    """Of the window in which things count."""
    dialect: str = "own"
    """How participants and server speak with each other: a key of `bench.dialects.DIALECTS`."""
    warm_s: float = 3.0
    idle_s: float = 0.0
    """How long everybody is connected and silent before they begin."""
    direct: int = 10
    """Callers of the model itself."""
    direct_period_s: float = 2.0
    server: int = 0
    """The process whose processor time and memory count, with everything below it."""
    database: int = 0
    """The database's first process, where it has any."""
    model: int = 0
    """The model's process: with this one, what measures."""
    measured_cores: Sequence[int] = ()
    """Where server and database run, and nothing else should."""
    late_ms: float = 0.0
    """Stop once so many first tokens came later than this that the window's p99 is above it; 0 = never stop."""
    seed: int = 1

    @property
    def expected_turns(self) -> float:
        """Lines that are said within the window."""
        return len(self.seats) * self.seconds / self.period_s


@dataclass
class Measured:
    """What came of a load. Times in milliseconds, one number for each turn, delta or call within the window."""

    seconds: float = 0.0
    was_stopped: bool = False
    """The window ended early, since its p99 could no longer be below `Load.late_ms`."""
    said: int = 0
    turns: int = 0
    tokens: int = 0
    first_ms: list[float] = field(default_factory=list)
    """From `say` to the first delta."""
    ack_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    """How much later a delta came than the model's pace says, counted from the reply's first."""
    direct_ms: list[float] = field(default_factory=list)
    """From asking the model itself to its first token."""
    lag_ms: list[float] = field(default_factory=list)
    """How late this process's own timers were: its share in all the times above."""
    errors: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0
    database_cpu_s: float = 0.0
    others_cpu_s: float = 0.0
    """What others used of the core of what is measured."""
    driver_cpu_s: float = 0.0
    model_cpu_s: float = 0.0
    rss_before_kib: int = 0
    rss_joined_kib: int = 0
    rss_talking_kib: int = 0
    """The most that was seen within the window."""

    def note_error(self, what: str) -> None:
        self.errors[what] = self.errors.get(what, 0) + 1


def measured_of(raw: bytes) -> Measured:
    """What `as_json` wrote."""
    return Measured(**orjson.loads(raw))


def load_of(raw: bytes) -> Load:
    """A load as `as_json` wrote it."""
    fields: Mapping[str, Any] = orjson.loads(raw)
    return Load(**{**fields, "seats": [Seat(**seat) for seat in fields["seats"]]})


def as_json(measured: Load | Measured) -> bytes:
    return orjson.dumps(asdict(measured))
