"""Where judging is measured: a PostgreSQL of its own, a model that allows so many calls a second, two workers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg

from bench.judging_study import fill
from bench.processes import Running, clean_environment, start

LOOK_S = 0.5
STARTED_S = 60.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    transcripts: int = 10_000
    unlimited: int = 2_000
    """Transcripts of the run without a limit."""
    comparisons: int = 5_000
    per_s: int = 50
    latency_s: float = 0.5


QUICK = Sizes(transcripts=300, unlimited=200, comparisons=100)


@dataclass
class Place:
    """Where a measurement runs: a PostgreSQL of its own, the model's log and the workers' logs."""

    folder: Path
    server: str
    sizes: Sizes
    databases: Iterator[int] = field(default_factory=lambda: iter(range(1_000)))

    def new_study(self, transcripts: int) -> str:
        """The address of a new database with so many finished conversations."""
        name = f"study_{next(self.databases)}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        address = self.server.replace("/postgres?", f"/{name}?", 1)
        asyncio.run(fill(address, transcripts))
        return address

    @contextmanager
    def model(self, *, per_s: int) -> Iterator[Model]:
        """A model that allows `per_s` calls a second; 0 for no limit."""
        options = ("--per-s", str(per_s), "--latency-s", str(self.sizes.latency_s))
        running = start("bench.judging_model", *options, on=_all_cores(), log=self.folder / "model.log")
        try:
            yield Model(running)
        finally:
            running.stop()

    @contextmanager
    def workers(self, database: str, model: Model) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Two workers on `database`, ready."""
        with ExitStack() as stack:
            workers = []
            for number in range(2):
                log = self.folder / f"worker-{number}.log"
                log.write_bytes(b"")
                with log.open("ab") as output:
                    command = [sys.executable, "-m", "server", "worker", "--database", database]
                    worker = subprocess.Popen(command, env=model.environment, stdout=output, stderr=output)  # noqa: S603
                stack.callback(worker.wait)
                stack.callback(worker.terminate)
                wait_until(partial(_says, log, b"works on jobs"), STARTED_S)
                workers.append(worker)
            yield workers


@dataclass(frozen=True, slots=True)
class Model:
    """The fake model that runs."""

    running: Running

    @property
    def environment(self) -> Mapping[str, str]:
        return clean_environment({"OPENAI_BASE_URL": f"http://127.0.0.1:{self.running.port}/v1"})

    def take_stretch(self) -> Stretch:
        """What has come to it since the last stretch was taken."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.running.port}/", timeout=30) as answer:
            told = json.load(answer)
        seconds = told["last"] - told["first"] if told["answered"] > 1 else 0.0
        return Stretch(
            answered=told["answered"],
            refused=told["refused"],
            seconds=round(seconds, 1),
            calls_per_s=round(told["answered"] / seconds, 1) if seconds else 0.0,
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the model saw for a while."""

    answered: int
    refused: int
    """Answers 429; each was asked again."""
    seconds: float
    """From the first call to the last that was answered."""
    calls_per_s: float
    """Answered, over those seconds."""


def _says(log: Path, words: bytes) -> bool:
    return words in log.read_bytes()


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    """Return once it is so; raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("it took too long")
        time.sleep(LOOK_S)


def _all_cores() -> Sequence[int]:
    return sorted(os.sched_getaffinity(0))
