"""A server under steady load for a long time: `python -m bench.soak --minutes 30` says whether memory stays flat.

Participants come in waves: new ones join, talk, and leave. After each wave, when everybody has left, resident memory
and open descriptors of the server are read, so that every sample is of the same state. What a wave leaves behind shows
as a slope.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from statistics import median

import orjson

from bench.fake_model import Pace
from bench.load import Measured
from bench.machine import machine, versions
from bench.measure import tell
from bench.processes import cores, open_files, rss_kib
from bench.runs import drive
from bench.variants import Kind, Stage, Variant, awake, serving, stage

RESULTS = Path(__file__).parent / "results"
SETTLE_S = 1.0
WARM_PART = 1 / 3
"""Of the waves, while caches and allocators fill, that the verdict leaves out."""
GROWTH_PART, GROWTH_FILES = 0.05, 4
"""Flat: over the samples after warming up memory grows by no more than this part, descriptors by no more than these."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The server after a wave has left."""

    at_s: float
    rss_mib: float
    open_files: int


@dataclass
class Soaked:
    """What a soak found."""

    kind: str
    chats: int
    period_s: float
    samples: list[Sample] = field(default_factory=list)
    talking_mib: list[float] = field(default_factory=list)
    """The most resident memory of each wave."""
    turns: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    allowed: float = GROWTH_PART

    @property
    def settled(self) -> list[Sample]:
        """The samples that count."""
        return self.samples[int(len(self.samples) * WARM_PART) :]

    @property
    def growth_mib(self) -> float:
        """From first to last of the samples that count, by the median slope between any two of them."""
        return _growth([(one.at_s, one.rss_mib) for one in self.settled])

    @property
    def growth_files(self) -> float:
        return _growth([(one.at_s, one.open_files) for one in self.settled])

    @property
    def is_flat(self) -> bool:
        """Memory and descriptors stay within what is allowed; undecided (not flat) with fewer than three samples."""
        if len(self.settled) < 3:
            return False
        memory_is_flat = self.growth_mib <= self.allowed * median(one.rss_mib for one in self.settled)
        return memory_is_flat and self.growth_files <= GROWTH_FILES

    def add(self, measured: Measured) -> None:
        self.turns += measured.turns
        self.talking_mib.append(measured.rss_talking_kib / 1024)
        for what, count in measured.errors.items():
            self.errors[what] = self.errors.get(what, 0) + count

    def told(self) -> str:
        """The verdict in a line."""
        first, last = self.samples[0], self.samples[-1]
        parts = [
            f"{'flat' if self.is_flat else 'NOT flat'}: {self.kind}",
            f"{len(self.samples)} waves of {self.chats} chats in {last.at_s / 60:.1f} minutes, {self.turns:,} turns",
            f"resident {first.rss_mib:.1f} MiB after the first wave, {last.rss_mib:.1f} after the last",
            f"growth after warming up {self.growth_mib:+.2f} MiB (allowed {self.allowed:.0%})",
            f"descriptors {first.open_files}, then {last.open_files}",
            f"most while talking {max(self.talking_mib):.1f} MiB; errors {self.errors or 'none'}",
        ]
        return "; ".join(parts)


def soak(
    place: Stage, kind: Kind, *, seconds: float, chats: int, wave_s: float, period_s: float, allowed: float
) -> Soaked:
    """Wave after wave until `seconds` are over."""
    soaked = Soaked(kind.value, chats, period_s, allowed=allowed)
    with serving(place, (kind,), name="soak_") as [variant], awake(variant):
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            soaked.add(_wave(place, variant, chats=chats, seconds=wave_s, period_s=period_s, seed=len(soaked.samples)))
            time.sleep(SETTLE_S)
            pid = variant.running.pid
            soaked.samples.append(Sample(time.monotonic() - began, rss_kib(pid) / 1024, open_files(pid)))
            tell(f"soak, {kind}: {soaked.samples[-1]}")
    return soaked


def _wave(place: Stage, variant: Variant, *, chats: int, seconds: float, period_s: float, seed: int) -> Measured:
    seats = variant.take_seats(chats)
    return drive(place, variant, seats, seconds=seconds, period_s=period_s, warm_s=0.5, idle_s=0.2, seed=seed)


def _growth(points: Sequence[tuple[float, float]]) -> float:
    """The median slope between any two points, times the time from first to last; 0 for fewer than two."""
    slopes = [(late - early) / (then - when) for (when, early), (then, late) in combinations(points, 2)]
    return median(slopes) * (points[-1][0] - points[0][0]) if slopes else 0.0


def as_json(soaked: Soaked, **more: object) -> bytes:
    found = {"is_flat": soaked.is_flat, "growth_mib": soaked.growth_mib, "growth_files": soaked.growth_files}
    return orjson.dumps({**more, **found, **asdict(soaked)}, option=orjson.OPT_INDENT_2)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--chats", type=int, default=100, help="participants in a wave")
    parser.add_argument("--wave", type=float, default=40.0, help="seconds of a wave")
    parser.add_argument("--period", type=float, default=10.0, help="seconds between two turns of a chat")
    parser.add_argument("--variant", type=Kind, default=Kind.SQLITE, choices=list(Kind))
    parser.add_argument("--allowed", type=float, default=GROWTH_PART, help="growth, as a part of the resident memory")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, keep the samples, print the verdict; 1 when it is not flat or anything went wrong."""
    chosen = options().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench_") as folder, stage(Path(folder), cores(), Pace()) as place:
        soaked = soak(
            place,
            chosen.variant,
            seconds=chosen.minutes * 60,
            chats=chosen.chats,
            wave_s=chosen.wave,
            period_s=chosen.period,
            allowed=chosen.allowed,
        )
        now = datetime.now(UTC)
        raw = as_json(soaked, taken_at=f"{now:%Y-%m-%d %H:%M} UTC", machine=machine(Path(folder)), versions=versions())
    chosen.results.mkdir(parents=True, exist_ok=True)
    (chosen.results / f"soak_{soaked.kind}_{now:%Y%m%d_%H%M}.json").write_bytes(raw)
    print(soaked.told())
    return 0 if soaked.is_flat and not soaked.errors else 1


if __name__ == "__main__":
    sys.exit(main())
