"""The report of a run: Markdown for people, JSON for whoever compares runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bench.capacity import Probe, capacity_of
from bench.figures import Figures, Memory, Spread, plain, ratio_per_token
from bench.sections import capacity_section, load_section, memory_section, store_section
from bench.store import Stored
from bench.tables import HEADS, number, row, table, told
from bench.targets import (
    AT_CHATS,
    Target,
    targets_of_capacity,
    targets_of_load,
    targets_of_memory,
    targets_of_store,
)
from bench.variants import Kind


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
    not_measured: dict[str, str] = field(default_factory=dict)
    """Part and variant, and why."""

    @property
    def errors(self) -> dict[str, int]:
        """Every error of every part but the search, which looks for errors; must be empty."""
        found = [each.errors for by_kind in self.loads.values() for each in by_kind.values()]
        found += [stored.errors for stored in self.store.values()]
        lost = sum(stored.acknowledged - stored.found for stored in self.store.values())
        total: dict[str, int] = {"acknowledged but not found": lost} if lost else {}
        for each in found:
            for what, count in each.items():
                total[what] = total.get(what, 0) + count
        return total

    @property
    def targets(self) -> list[Target]:
        """What was asked for, as far as it was measured."""
        found = targets_of_load(self.loads.get(AT_CHATS, {})) + targets_of_capacity(self.capacity)
        return found + targets_of_store(self.store) + targets_of_memory(self.memory)

    def markdown(self) -> str:
        """The report as a page."""
        parts = [self._preface()]
        parts += [_target_section(self.targets)] if self.targets else []
        parts += [load_section(chats, by_kind) for chats, by_kind in self.loads.items()]
        parts += [capacity_section(self.capacity)] if self.capacity else []
        parts += [memory_section(self.memory)] if self.memory else []
        parts += [store_section(self.store)] if self.store else []
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
            "targets": [{**plain(one), "is_met": one.is_met} for one in self.targets],
            "loads": {str(n): {k.value: plain(v) for k, v in by.items()} for n, by in self.loads.items()},
            "ratios_to_floor": {str(n): _ratios(by_kind) for n, by_kind in self.loads.items()},
            "memory": {k.value: plain(v) for k, v in self.memory.items()},
            "store": {k.value: _stored_plain(v) for k, v in self.store.items()},
            "capacity": {
                k.value: {
                    "most_chats": capacity_of(probes).chats,
                    "failed_at": capacity_of(probes).failed_at,
                    "probes": [plain(probe) for probe in probes],
                }
                for k, probes in self.capacity.items()
            },
            "errors": self.errors,
            "not_measured": self.not_measured,
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
            f"Errors: {told(self.errors)}.",
        ]
        lines += [f"Not measured: {what}: {why}" for what, why in self.not_measured.items()]
        return "\n".join(lines)


def _target_section(targets: list[Target]) -> str:
    rows = [
        row(
            f"{one.what}: {HEADS[one.kind]}",
            [
                number(one.measured, 0 if one.must >= 1000 else 2),
                f"{'≤' if one.at_most else '≥'} {number(one.must, 0 if one.must >= 3 else 1)}",
                number(one.goal, 0 if one.goal and one.goal >= 3 else 1),
                "goal" if one.reaches_goal else "met" if one.is_met else "**missed**",
            ],
        )
        for one in targets
    ]
    return "\n".join(["## What was asked for", "", *table(["measured", "must", "goal", ""], rows)])


def _ratios(by_kind: Mapping[Kind, Figures]) -> dict[str, Any]:
    if Kind.FLOOR not in by_kind:
        return {}
    found = {kind.value: ratio_per_token(each, by_kind[Kind.FLOOR]) for kind, each in by_kind.items()}
    return {kind: None if ratio is None else plain(ratio) for kind, ratio in found.items()}


def _stored_plain(stored: Stored) -> dict[str, Any]:
    fields: dict[str, Any] = plain(stored)
    times = fields.pop("ack_ms")
    return {**fields, "ack": plain(Spread.of(times)), "acknowledged_per_s": stored.acknowledged / stored.seconds}
