"""A real server in a process of its own, for tests that drive it from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from tests.server.forked import Forked

START_S = 60.0


@dataclass
class Served:
    """A running server."""

    url: str
    process: Forked
    log: Path
    database: str = ""

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def rows(self, query: str, **values: object) -> list[Any]:
        """What the server's database answers to a query."""
        return rows(self.database, query, **values)


def start(
    database: str, *, log: Path, scale: float = 60, port: int = 0, env: Mapping[str, str] | None = None
) -> Served:
    """Start a server on `database`; it is ready when this returns. Fails with the server's own words when it is not."""
    port = port or free_port()
    command = ["serve", "--port", str(port), "--database", database, "--no-browser"]
    process = Forked(command, log=log, env=environment(scale, env))
    served = Served(f"http://127.0.0.1:{port}", process, log, database)
    _wait(served)
    return served


def rows(database: str, query: str, **values: object) -> list[Any]:
    """What a database answers to a query."""
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        return list(connection.execute(text(query), values).all())


def environment(scale: float = 60, env: Mapping[str, str] | None = None) -> dict[str, str]:
    return os.environ | {"LENDANEAR_TIME_SCALE": str(scale)} | dict(env or {})


@contextmanager
def serving(database: str, *, log: Path, scale: float = 60, env: Mapping[str, str] | None = None) -> Iterator[Served]:
    """A server for as long as the block runs."""
    served = start(database, log=log, scale=scale, env=env)
    try:
        yield served
    finally:
        served.process.terminate()
        try:
            served.process.wait(20)
        except subprocess.TimeoutExpired:
            served.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(served: Served) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            raise AssertionError(f"the server did not start:\n{served.log.read_text()}")
        try:
            with urllib.request.urlopen(f"{served.url}/readyz", timeout=5):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    served.kill()
    raise AssertionError(f"the server was not ready in time:\n{served.log.read_text()}")
