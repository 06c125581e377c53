"""Time and peak memory of whole runs of `analyze`, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.analysis_stages import TURNS, folder_of

_RUN = """
import sys
from pathlib import Path
from analysis import analyze
analyze(Path(sys.argv[1]), Path(sys.argv[2]), figures=False)
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """One size: wall and processor seconds, peak resident memory."""

    participants: int
    wall_s: float
    cpu_s: float
    peak_gib: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)

    def as_line(self) -> str:
        """A row of the page's table."""
        talks = 3 * self.participants
        return (
            f"| {self.participants:,} | {talks:,} | {talks * TURNS:,} | {self.cpu_s:.1f} | "
            f"{1000 * self.cpu_s / self.participants:.2f} | {self.peak_gib:.2f} GiB |"
        )


def growth(participants: int, place: Path) -> Growth:
    """Analyse a study of so many people; raises `CalledProcessError` when the run fails."""
    folder = folder_of(participants, place)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as out:
        child = subprocess.Popen([sys.executable, "-c", _RUN, str(folder), out])  # noqa: S603
        _, status, used = os.wait4(child.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, "analyze")
    return Growth(
        participants=participants,
        wall_s=round(time.monotonic() - started, 2),
        cpu_s=round(used.ru_utime + used.ru_stime, 2),
        peak_gib=round(used.ru_maxrss / 2**20, 3),
    )
