"""Half a minute of steady load leaves memory and descriptors as they were; and the verdict sees growth."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.fake_model import Pace
from bench.processes import cores
from bench.soak import Sample, Soaked, soak
from bench.variants import Kind, stage

CI_SECONDS = 30.0
CI_ALLOWED = 0.15
"""Half a minute is mostly warming up: it shows leaks of megabytes a wave, and `bench.soak` the smaller ones."""


def soaked(rss_mib: list[float], files: list[int]) -> Soaked:
    samples = [Sample(60.0 * n, rss, many) for n, (rss, many) in enumerate(zip(rss_mib, files, strict=True), 1)]
    return Soaked("sqlite", chats=10, period_s=20, samples=samples, talking_mib=[200.0])


def test_a_soak_of_half_a_minute_is_flat(tmp_path: Path) -> None:
    """Wave after wave of participants joins, talks and leaves without an error, and the server is as it was."""
    with stage(tmp_path, cores(), Pace(tokens=12, first_token_s=0.05, tokens_per_s=100)) as place:
        found = soak(place, Kind.SQLITE, seconds=CI_SECONDS, chats=10, wave_s=1.5, period_s=1.0, allowed=CI_ALLOWED)

    assert found.errors == {} and found.turns > 0
    assert found.is_flat, found.told()


@pytest.mark.parametrize(
    ("rss_mib", "files", "is_flat"),
    [
        ([120, 150, 155, 156, 155, 156, 155, 156, 155], [50] * 9, True),  # warms up, then stays
        ([150, 151, 149, 150, 170, 150, 151, 150, 149], [50] * 9, True),  # one sample is out of line
        ([150, 155, 160, 165, 170, 175, 180, 185, 190], [50] * 9, False),  # 5 MiB a wave
        ([150] * 9, [50, 53, 56, 59, 62, 65, 68, 71, 74], False),  # descriptors leak
        ([150, 150], [50, 50], False),  # too few to tell
    ],
)
def test_the_verdict_sees_a_slope_and_no_noise(rss_mib: list[float], files: list[int], is_flat: bool) -> None:
    """Flat is what stays after a third of the waves; growth is told in MiB over the rest."""
    assert soaked(rss_mib, files).is_flat is is_flat


def test_growth_is_the_slope_over_what_counts() -> None:
    """By hand: of nine waves the last six count; 5 MiB a wave over five steps is 25 MiB."""
    assert soaked([150 + 5.0 * n for n in range(9)], [50] * 9).growth_mib == pytest.approx(25)
