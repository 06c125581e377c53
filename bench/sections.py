"""The parts of a report's page: a load, memory, the store, and the search for the most chats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.capacity import LINE_MS, Probe, Verdict, capacity_of
from bench.figures import Figures, Memory, Spread, ratio_per_token
from bench.plan import FULL_S, FULL_TURNS, PERIOD_S
from bench.store import Stored
from bench.tables import HEADS, number, row, share, spread, table, told
from bench.variants import Kind


def load_section(chats: int, by_kind: Mapping[Kind, Figures]) -> str:
    """One load on every variant."""
    found = by_kind.values()
    rows = [
        row("CPU per turn, ms", [number(f.cpu_ms_per_turn, 2) for f in found]),
        row("CPU per relayed token, µs", [number(f.cpu_us_per_token, 1) for f in found]),
        row("… as a multiple of the floor (paired rounds)", [_multiple(by_kind, kind) for kind in by_kind]),
        row("… of it the database's process", [share(f.database_part) for f in found]),
        row("one core busy", [f"{f.core_busy:.1%}" for f in found]),
        row("… by others", [f"{f.others_busy:.1%}" for f in found]),
        row("added first-token time p50 / p95 / p99, ms", [spread(f.added) for f in found]),
        row("… scatter of the direct call, ms", [spread(f.direct) for f in found]),
        row("direct call p50, ms", [number(f.direct_p50_ms, 1) for f in found]),
        row("acknowledgement p50 / p95 / p99, ms", [spread(f.ack) for f in found]),
        row("delta behind the model's pace, ms", [spread(f.late) for f in found]),
        row("timers of the driver late, ms", [spread(f.lag) for f in found]),
        row("driver and model, of their core", [f"{f.measuring_busy:.0%}" for f in found]),
        row("turns / tokens", [f"{f.turns:,} / {f.tokens:,}" for f in found]),
        row("errors", [told(f.errors) for f in found]),
    ]
    first = next(iter(found))
    title = f"## {chats} chats, {first.rounds} rounds, {first.seconds:.0f} s each variant"
    return "\n".join([title, "", *table([HEADS[kind] for kind in by_kind], rows)])


def capacity_section(searches: Mapping[Kind, Sequence[Probe]]) -> str:
    """The answers of the searches, and every probe that led to them."""
    answers = {kind: capacity_of(probes) for kind, probes in searches.items()}
    held = [answer.probe.figures if answer.probe else None for answer in answers.values()]
    rows = [
        row("most chats that held", [f"{answer.chats:,}" if answer.probe else "–" for answer in answers.values()]),
        row("fewest above that failed", [number(answer.failed_at, 0) for answer in answers.values()]),
        row("as a multiple of Chainlit's", [_times(answers, kind, Kind.CHAINLIT) for kind in answers]),
        row("as a multiple of oTree's", [_times(answers, kind, Kind.OTREE) for kind in answers]),
        row("as a multiple of the floor's", [_times(answers, kind, Kind.FLOOR) for kind in answers]),
        row("there: added p50 / p95 / p99, ms", [spread(f.added) if f else "–" for f in held]),
        row("there: turns in seconds", [f"{f.turns:,} in {f.seconds:.0f}" if f else "–" for f in held]),
        row("there: CPU per relayed token, µs", [number(f.cpu_us_per_token, 1) if f else "–" for f in held]),
        row("there: core busy", [share(f.core_busy) if f else "–" for f in held]),
        row("there: core busy by others", [share(f.others_busy) if f else "–" for f in held]),
        row("there: driver's timers late p99, ms", [number(f.lag.p99, 1) if f else "–" for f in held]),
        row("there: driver and model, of their core", [share(f.measuring_busy) if f else "–" for f in held]),
    ]
    title = f"## Chats per core with p99 of added first-token time under {LINE_MS:.0f} ms"
    rule = (
        f"A turn of each chat every {PERIOD_S:.0f} s. A fresh server for each probe; full probes (bold) have at least "
        f"{FULL_S:.0f} s and {FULL_TURNS:,} turns unless the command says otherwise, and only they count."
    )
    lines = [f"- {HEADS[kind]}: " + "; ".join(_probe(one) for one in probes) for kind, probes in searches.items()]
    return "\n".join([title, "", rule, "", *table([HEADS[kind] for kind in answers], rows), "", *lines])


def memory_section(by_kind: Mapping[Kind, Memory]) -> str:
    found = by_kind.values()
    rows = [
        row("resident, warm, MiB", [f"{m.base_mib:.0f}" for m in found]),
        row("per idle chat, KiB", [f"{m.idle_kib:.1f}" for m in found]),
        row("per active chat, KiB", [f"{m.active_kib:.1f}" for m in found]),
    ]
    title = f"## Memory, {next(iter(found)).chats} chats"
    return "\n".join([title, "", *table([HEADS[kind] for kind in by_kind], rows)])


def store_section(by_kind: Mapping[Kind, Stored]) -> str:
    stored = by_kind.values()
    rows = [
        row("acknowledged a second", [f"{s.acknowledged / s.seconds:,.0f}" for s in stored]),
        row("acknowledgement p50 / p95 / p99, ms", [spread(Spread.of(s.ack_ms)) for s in stored]),
        row("acknowledged / found afterwards", [f"{s.acknowledged:,} / {s.found:,}" for s in stored]),
        row("durable how", [", ".join(f"{k} {v}" for k, v in s.settings.items()) for s in stored]),
        row("errors", [told(s.errors) for s in stored]),
    ]
    first = next(iter(stored))
    title = (
        f"## The store alone on all cores, {first.writers} writers, each waiting for its commit, {first.seconds:.0f} s"
    )
    return "\n".join([title, "", *table([HEADS[kind] for kind in by_kind], rows)])


def _multiple(by_kind: Mapping[Kind, Figures], kind: Kind) -> str:
    ratio = ratio_per_token(by_kind[kind], by_kind[Kind.FLOOR]) if Kind.FLOOR in by_kind else None
    return "–" if ratio is None else f"{ratio.overall:.2f} ({ratio.least:.2f}–{ratio.most:.2f})"


def _times(answers: Mapping[Kind, object], kind: Kind, other: Kind) -> str:
    own, base = (getattr(answers.get(each), "chats", 0) for each in (kind, other))
    return f"{own / base:.2f}" if base and own else "–"


def _probe(one: Probe) -> str:
    chats = f"**{one.chats}**" if one.is_full else f"{one.chats}"
    p99 = number(one.figures.added.p99, 0)
    told_as = {Verdict.HOLDS: f"{p99} ms", Verdict.FAILS: f"failed, {p99} ms, {one.reason}"}
    return f"{chats} {told_as.get(one.verdict, f'invalid, {one.reason}')}"
