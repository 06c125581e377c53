"""The report of a run: Markdown for people, JSON for whoever compares runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bench.figures import Figures, Memory, Spread, percentile, plain, ratio_per_token
from bench.runs import LINE_MS, Probe, most_chats
from bench.store import Stored
from bench.variants import Kind

_HEAD = {
    Kind.FLOOR: "floor: bare relay",
    Kind.SQLITE: "server on SQLite",
    Kind.POSTGRESQL: "server on PostgreSQL",
}


@dataclass
class Report:
    """Everything that one run found."""

    command: str
    taken_at: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    model: Mapping[str, float]
    """The pace of the fake model, and the period of the turns."""
    cores: str
    load_average: tuple[float, float]
    """Before and after."""
    loads: dict[int, dict[Kind, Figures]] = field(default_factory=dict)
    memory: dict[Kind, Memory] = field(default_factory=dict)
    store: dict[Kind, Stored] = field(default_factory=dict)
    capacity: dict[Kind, list[Probe]] = field(default_factory=dict)

    @property
    def errors(self) -> dict[str, int]:
        """Every error of every part; must be empty."""
        found = [each.errors for by_kind in self.loads.values() for each in by_kind.values()]
        found += [stored.errors for stored in self.store.values()]
        lost = sum(stored.acknowledged - stored.found for stored in self.store.values())
        total: dict[str, int] = {"acknowledged but not found": lost} if lost else {}
        for each in found:
            for what, count in each.items():
                total[what] = total.get(what, 0) + count
        return total

    def markdown(self) -> str:
        """The report as a page."""
        parts = [self._preface(), *(self._load(chats) for chats in self.loads)]
        parts += [self._capacity()] if self.capacity else []
        parts += [self._memory()] if self.memory else []
        parts += [self._store()] if self.store else []
        return "\n\n".join(parts) + "\n"

    def as_json(self) -> bytes:
        fields: dict[str, Any] = {
            "command": self.command,
            "taken_at": self.taken_at,
            "machine": self.machine,
            "versions": self.versions,
            "model": self.model,
            "cores": self.cores,
            "load_average": self.load_average,
            "loads": {str(n): {k.value: plain(v) for k, v in by.items()} for n, by in self.loads.items()},
            "ratios_to_floor": {str(n): self._ratios(n) for n in self.loads},
            "memory": {k.value: plain(v) for k, v in self.memory.items()},
            "store": {k.value: _stored_plain(v) for k, v in self.store.items()},
            "capacity": {
                k.value: {"most_chats": most_chats(probes), "probes": [plain(probe) for probe in probes]}
                for k, probes in self.capacity.items()
            },
            "errors": self.errors,
        }
        return orjson.dumps(fields, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)

    def write(self, folder: Path, *, name: str) -> Path:
        """Both files; gives back the page's path."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_bytes(self.as_json())
        page = folder / f"{name}.md"
        page.write_text(self.markdown(), encoding="utf-8")
        return page

    def _preface(self) -> str:
        model = self.model
        lines = [
            "# The live path beside a bare relay",
            "",
            f"Taken {self.taken_at} by `{self.command}`. Model: first token after "
            f"{model['first_token_s'] * 1000:.0f} ms, {model['tokens_per_s']:.0f} tokens a second, "
            f"{model['tokens']:.0f} tokens a reply; a turn of each chat every {model['period_s']:.0f} s.",
            "",
            "Machine: "
            + ", ".join(f"{name} {value}" for name, value in self.machine.items())
            + f"; cores {self.cores}.",
            f"Load average of the machine before {self.load_average[0]}, after {self.load_average[1]}.",
            "",
            "Versions: " + ", ".join(f"{name} {value}" for name, value in self.versions.items()) + ".",
            "",
            f"Errors: {_told(self.errors)}.",
        ]
        return "\n".join(lines)

    def _load(self, chats: int) -> str:
        by_kind = self.loads[chats]
        rows = [
            _row("CPU per turn, ms", [_number(f.cpu_ms_per_turn, 2) for f in by_kind.values()]),
            _row("CPU per relayed token, µs", [_number(f.cpu_us_per_token, 1) for f in by_kind.values()]),
            _row("… as a multiple of the floor (paired rounds)", [self._multiple(chats, kind) for kind in by_kind]),
            _row("… of it the database's process", [_share(f.database_part) for f in by_kind.values()]),
            _row("one core busy", [f"{f.core_busy:.1%}" for f in by_kind.values()]),
            _row("added first-token time p50 / p95 / p99, ms", [_spread(f.added) for f in by_kind.values()]),
            _row("… scatter of the direct call, ms", [_spread(f.direct) for f in by_kind.values()]),
            _row("direct call p50, ms", [_number(f.direct_p50_ms, 1) for f in by_kind.values()]),
            _row("acknowledgement p50 / p95 / p99, ms", [_spread(f.ack) for f in by_kind.values()]),
            _row("delta behind the model's pace, ms", [_spread(f.late) for f in by_kind.values()]),
            _row("timers of the driver late, ms", [_spread(f.lag) for f in by_kind.values()]),
            _row("turns / tokens", [f"{f.turns:,} / {f.tokens:,}" for f in by_kind.values()]),
            _row("errors", [_told(f.errors) for f in by_kind.values()]),
        ]
        first = next(iter(by_kind.values()))
        title = f"## {chats} chats, {first.rounds} rounds, {first.seconds:.0f} s each variant"
        return "\n".join([title, "", *_table([_HEAD[kind] for kind in by_kind], rows)])

    def _capacity(self) -> str:
        rows = [
            _row("most chats on one core", [f"{most_chats(p):,}" for p in self.capacity.values()]),
            _row("of the floor's", [self._capacity_part(kind) for kind in self.capacity]),
            _row("probes (chats: p99 added, ms)", [_probes(p) for p in self.capacity.values()]),
        ]
        title = f"## Chats per core with p99 of added first-token time under {LINE_MS:.0f} ms"
        return "\n".join([title, "", *_table([_HEAD[kind] for kind in self.capacity], rows)])

    def _memory(self) -> str:
        rows = [
            _row("resident, warm, MiB", [f"{m.base_mib:.0f}" for m in self.memory.values()]),
            _row("per idle chat, KiB", [f"{m.idle_kib:.1f}" for m in self.memory.values()]),
            _row("per active chat, KiB", [f"{m.active_kib:.1f}" for m in self.memory.values()]),
        ]
        chats = next(iter(self.memory.values())).chats
        title = f"## Memory, {chats} chats"
        return "\n".join([title, "", *_table([_HEAD[kind] for kind in self.memory], rows)])

    def _store(self) -> str:
        stored = self.store.values()
        rows = [
            _row("acknowledged a second", [f"{s.acknowledged / s.seconds:,.0f}" for s in stored]),
            _row("acknowledgement p50 / p95 / p99, ms", [_spread(Spread.of(s.ack_ms)) for s in stored]),
            _row("acknowledged / found afterwards", [f"{s.acknowledged:,} / {s.found:,}" for s in stored]),
            _row("durable how", [", ".join(f"{k} {v}" for k, v in s.settings.items()) for s in stored]),
            _row("errors", [_told(s.errors) for s in stored]),
        ]
        writers = next(iter(stored)).writers
        title = f"## The store alone, {writers} writers, each waiting for its commit"
        return "\n".join([title, "", *_table([_HEAD[kind] for kind in self.store], rows)])

    def _multiple(self, chats: int, kind: Kind) -> str:
        by_kind = self.loads[chats]
        ratio = ratio_per_token(by_kind[kind], by_kind[Kind.FLOOR]) if Kind.FLOOR in by_kind else None
        return "–" if ratio is None else f"{ratio.overall:.2f} ({ratio.least:.2f}–{ratio.most:.2f})"

    def _ratios(self, chats: int) -> dict[str, Any]:
        by_kind = self.loads[chats]
        if Kind.FLOOR not in by_kind:
            return {}
        found = {kind.value: ratio_per_token(each, by_kind[Kind.FLOOR]) for kind, each in by_kind.items()}
        return {kind: None if ratio is None else plain(ratio) for kind, ratio in found.items()}

    def _capacity_part(self, kind: Kind) -> str:
        floor = most_chats(self.capacity.get(Kind.FLOOR, []))
        return f"{most_chats(self.capacity[kind]) / floor:.0%}" if floor else "–"


def _stored_plain(stored: Stored) -> dict[str, Any]:
    fields: dict[str, Any] = plain(stored)
    times = fields.pop("ack_ms")
    return {**fields, "ack": plain(Spread.of(times)), "acknowledged_per_s": stored.acknowledged / stored.seconds}


def _probes(probes: Sequence[Probe]) -> str:
    ordered = sorted(probes, key=lambda probe: probe.chats)
    return ", ".join(f"{probe.chats}: {_number(probe.figures.added.p99, 0)}" for probe in ordered)


def _table(heads: Sequence[str], rows: Sequence[str]) -> list[str]:
    return [_row("", heads), "|---|" + "---:|" * len(heads), *rows]


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def _spread(spread: Spread) -> str:
    if spread.p50 is None:
        return "–"
    return " / ".join(_number(value, 1) for value in (spread.p50, spread.p95, spread.p99))


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _told(errors: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {count}" for what, count in errors.items()) or "none"


__all__ = ["Report", "percentile"]
