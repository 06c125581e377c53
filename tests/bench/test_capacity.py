"""The search for the most chats finds them, and does not count what it could not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.capacity import FULL_GAP, Probe, Search, Verdict, capacity_of, verdict_of, window_s
from bench.figures import Figures, figures
from bench.load import Measured
from bench.targets import targets_of_capacity
from bench.variants import Kind

NOTHING = figures([Measured()])
FINE = figures(
    [
        Measured(
            seconds=60,
            said=1000,
            turns=1000,
            tokens=40_000,
            first_ms=[320.0] * 1000,
            direct_ms=[300.0] * 100,
            lag_ms=[0.5] * 1000,
            cpu_s=30,
            driver_cpu_s=20,
            model_cpu_s=20,
            others_cpu_s=1,
        )
    ]
)


def searched(
    server: Callable[[int, bool], Verdict], *, start: int = 100, deadline: float = float("inf")
) -> list[Probe]:
    """The probes of a search on something that answers by a rule."""
    probes: list[Probe] = []

    def try_chats(chats: int, is_full: bool) -> Probe:
        probes.append(Probe(chats, server(chats, is_full), is_full, NOTHING))
        return probes[-1]

    Search(try_chats, start, deadline).run()
    return probes


def holding_up_to(most: int) -> Callable[[int, bool], Verdict]:
    return lambda chats, _is_full: Verdict.HOLDS if chats <= most else Verdict.FAILS


@pytest.mark.parametrize("most", [7, 96, 100, 101, 163, 2713, 9000])
@pytest.mark.parametrize("start", [10, 120, 2400])
def test_a_search_ends_just_below_what_fails(most: int, start: int) -> None:
    """Wherever it begins, the answer holds and is within a step of the truth, after a bounded number of probes."""
    probes = searched(holding_up_to(most), start=start)
    found = capacity_of(probes)

    assert found.chats <= most < found.chats * FULL_GAP + 1
    assert found.failed_at is not None and most < found.failed_at
    assert sum(probe.is_full for probe in probes) <= 6 and len(probes) <= 30


def test_short_probes_do_not_count() -> None:
    """What holds for a moment but not for a full window is no capacity."""
    probes = searched(lambda chats, is_full: Verdict.HOLDS if chats <= (80 if is_full else 150) else Verdict.FAILS)

    assert 80 / FULL_GAP <= capacity_of(probes).chats <= 80


def test_invalid_probes_count_neither_way_and_end_a_search() -> None:
    """A machine that is never quiet gives no answer, rather than 0 or a guess, and not for ever."""
    probes = searched(lambda _chats, _is_full: Verdict.INVALID)

    assert 2 <= len(probes) <= 8
    assert capacity_of(probes).probe is None and capacity_of(probes).failed_at is None
    assert targets_of_capacity({Kind.SQLITE: probes}) == []


def test_an_invalid_probe_is_made_again() -> None:
    """One noisy moment at a number that holds does not lower the answer."""
    seen: set[int] = set()

    def noisy_once(chats: int, is_full: bool) -> Verdict:
        if is_full and chats not in seen:
            seen.add(chats)
            return Verdict.INVALID
        return holding_up_to(163)(chats, is_full)

    assert 163 / FULL_GAP <= capacity_of(searched(noisy_once)).chats <= 163


def test_a_search_whose_time_is_long_over_begins_nothing() -> None:
    """Others wait for theirs."""
    assert searched(holding_up_to(500), deadline=0.0) == []


def test_the_ratio_to_a_contender_is_of_what_held() -> None:
    """By hand: 1,600 against 160 is 10 times, which is the goal."""
    by_kind = {
        Kind.SQLITE: [Probe(1600, Verdict.HOLDS, True, FINE)],
        Kind.OTREE: [Probe(160, Verdict.HOLDS, True, FINE), Probe(300, Verdict.HOLDS, False, FINE)],
    }

    chats, times = targets_of_capacity(by_kind)

    assert (chats.measured, chats.is_met, chats.reaches_goal) == (1600, True, False)
    assert (times.measured, times.is_met, times.reaches_goal) == (10, True, True)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda f: f, Verdict.HOLDS),
        (lambda f: replace(f, added=replace(f.added, p99=50.0)), Verdict.FAILS),
        (lambda f: replace(f, added=replace(f.added, p99=None)), Verdict.FAILS),
        (lambda f: replace(f, errors={"connection lost": 1}), Verdict.FAILS),
        (lambda f: replace(f, lag=replace(f.lag, p99=10.5)), Verdict.INVALID),
        (lambda f: replace(f, direct=replace(f.direct, p95=10.5)), Verdict.INVALID),
        (lambda f: replace(f, measuring_busy=0.95), Verdict.INVALID),
        (lambda f: replace(f, others_busy=0.2), Verdict.HOLDS),
        (lambda f: replace(f, others_busy=0.2, added=replace(f.added, p99=80.0)), Verdict.INVALID),
        (lambda f: replace(f, said=800), Verdict.INVALID),
        (lambda f: replace(f, said=800, was_stopped=True, added=replace(f.added, p99=80.0)), Verdict.FAILS),
    ],
)
def test_a_probe_counts_only_where_the_instruments_were_sound(
    change: Callable[[Figures], Figures], verdict: Verdict
) -> None:
    """Late driver, late model, busy instruments or too few lines: invalid. Strangers on the core excuse a failure."""
    assert verdict_of(change(FINE), expected_turns=1000)[0] is verdict


def test_a_full_window_has_its_seconds_and_its_turns() -> None:
    """By hand: 3,000 chats say 150 lines a second, so 60 s; 100 say 5, so 1,050 lines take 210 s."""
    assert window_s(3000) == 60
    assert window_s(100) == pytest.approx(210)
