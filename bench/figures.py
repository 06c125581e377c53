"""From what was measured to figures: rounds put together, percentiles, and multiples of the floor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from bench.load import Measured


def percentile(values: Sequence[float], part: float) -> float | None:
    """The smallest value that at least `part` (0 to 1) of `values` do not exceed; None for no values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * part // 1).__int__() - 1))]


@dataclass(frozen=True, slots=True)
class Spread:
    """The percentiles of a time in milliseconds; None where nothing was measured."""

    p50: float | None
    p95: float | None
    p99: float | None

    @classmethod
    def of(cls, values: Sequence[float], *, less: float = 0.0) -> Spread:
        """Of `values`, each `less` something."""
        found = (percentile(values, part) for part in (0.50, 0.95, 0.99))
        return cls(*(None if value is None else value - less for value in found))


@dataclass(frozen=True, slots=True)
class Figures:
    """One variant under one load, all rounds together."""

    rounds: int
    seconds: float
    was_stopped: bool
    """A window ended early, since nothing could bring its p99 below the line any more."""
    said: int
    turns: int
    tokens: int
    cpu_ms_per_turn: float | None
    """Of the server's process, and of the database's where that is another one."""
    cpu_us_per_token: float | None
    database_part: float | None
    """The database's share of that processor time; 0 where it runs within the server."""
    per_token_by_round: tuple[float | None, ...]
    core_busy: float
    """Part of one core that was in use, 0 to 1."""
    others_busy: float
    """Part of that core that others used, who had no business there."""
    measuring_busy: float
    """Part of the cores of driver and model that these two used, 0 to 1."""
    added: Spread
    """First-token time beyond the median of calling the model itself in the same window."""
    direct: Spread
    """That of calling the model itself, less its own median: what the instruments and the machine add by chance."""
    direct_p50_ms: float | None
    ack: Spread
    late: Spread
    lag: Spread
    errors: Mapping[str, int] = field(default_factory=dict)


def figures(rounds: Sequence[Measured], *, measuring_cores: int = 1) -> Figures:
    """The rounds of one variant as one. Added times are taken within each round, before they are put together."""
    turns, tokens = sum(one.turns for one in rounds), sum(one.tokens for one in rounds)
    cpu, database = sum(one.cpu_s for one in rounds), sum(one.database_cpu_s for one in rounds)
    measuring = sum(one.driver_cpu_s + one.model_cpu_s for one in rounds)
    direct = [median(one.direct_ms) if one.direct_ms else 0.0 for one in rounds]
    paired = list(zip(rounds, direct, strict=True))
    seconds = sum(one.seconds for one in rounds)
    return Figures(
        rounds=len(rounds),
        seconds=seconds,
        was_stopped=any(one.was_stopped for one in rounds),
        said=sum(one.said for one in rounds),
        turns=turns,
        tokens=tokens,
        cpu_ms_per_turn=_per(cpu + database, turns, 1e3),
        cpu_us_per_token=_per(cpu + database, tokens, 1e6),
        database_part=_per(database, cpu + database),
        per_token_by_round=tuple(_per(one.cpu_s + one.database_cpu_s, one.tokens, 1e6) for one in rounds),
        core_busy=(cpu + database) / seconds if seconds else 0.0,
        others_busy=sum(one.others_cpu_s for one in rounds) / seconds if seconds else 0.0,
        measuring_busy=measuring / seconds / measuring_cores if seconds else 0.0,
        added=Spread.of([ms - base for one, base in paired for ms in one.first_ms]),
        direct=Spread.of([ms - base for one, base in paired for ms in one.direct_ms]),
        direct_p50_ms=median(direct) if direct else None,
        ack=Spread.of([ms for one in rounds for ms in one.ack_ms]),
        late=Spread.of([ms for one in rounds for ms in one.late_ms]),
        lag=Spread.of([ms for one in rounds for ms in one.lag_ms]),
        errors=_added_up(one.errors for one in rounds),
    )


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure as a multiple of the floor's: of all rounds together, and the least and most of the paired rounds."""

    overall: float
    least: float
    most: float


def ratio_per_token(own: Figures, floor: Figures) -> Ratio | None:
    """Processor time per relayed token as a multiple of the floor's; None where either relayed nothing."""
    pairs = zip(own.per_token_by_round, floor.per_token_by_round, strict=True)
    each = [mine / theirs for mine, theirs in pairs if mine and theirs]
    if not each or not own.cpu_us_per_token or not floor.cpu_us_per_token:
        return None
    return Ratio(own.cpu_us_per_token / floor.cpu_us_per_token, min(each), max(each))


@dataclass(frozen=True, slots=True)
class Memory:
    """What one more conversation takes, in KiB of the server's resident memory."""

    chats: int
    idle_kib: float
    active_kib: float
    base_mib: float


def memory(measured: Measured, *, chats: int) -> Memory:
    """The differences to the warm server without these conversations, for each of them."""
    base = measured.rss_before_kib
    return Memory(
        chats=chats,
        idle_kib=(measured.rss_joined_kib - base) / chats,
        active_kib=(measured.rss_talking_kib - base) / chats,
        base_mib=base / 1024,
    )


def plain(value: Any) -> Any:
    """A dataclass as JSON takes it."""
    return asdict(value)


def _per(amount: float, count: float, scale: float = 1.0) -> float | None:
    return amount / count * scale if count else None


def _added_up(errors: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in errors:
        for what, count in each.items():
            total[what] = total.get(what, 0) + count
    return total
