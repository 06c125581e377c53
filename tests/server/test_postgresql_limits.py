"""Connections to a PostgreSQL whose machine is gone without a word: all of them notice, none waits for hours."""

from __future__ import annotations

import pytest

from server.job_engine import engine_config
from server.presence import Presence
from server.storage.database import POSTGRESQL_LIMITS, Database

TOLD = "SELECT name FROM pg_settings WHERE name ^@ 'tcp' AND source = 'session'"


@pytest.mark.postgres
async def test_pooled_connections_notice_a_network_that_swallows_packets(postgres: str) -> None:
    """The driver itself says that it was given every limit."""
    database = Database(postgres)
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        given = driver.info.get_parameters()
    await database.close()

    assert {name: given.get(name) for name in POSTGRESQL_LIMITS} == {
        name: str(value) for name, value in POSTGRESQL_LIMITS.items()
    }


@pytest.mark.postgres
async def test_postgresql_notices_that_our_machine_is_gone(postgres: str) -> None:
    """Whatever holds a lock has told it how soon: transactions of the pool, and the lease of the process."""
    database = Database(postgres)
    async with database.reading() as session:
        pooled = {name for (name,) in await (await session.connection()).exec_driver_sql(TOLD)}
    presence = Presence(database, "one", on_word=nobody_listens, on_silence=nobody_listens)
    async with await presence._connected() as held:
        leased = {name for (name,) in await (await held.execute(TOLD)).fetchall()}
    await database.close()

    limits = {"tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout"}
    assert pooled == leased == limits


async def nobody_listens(*_: str) -> None:
    return None


def test_the_job_engine_has_the_same_limits() -> None:
    """On PostgreSQL; a file knows no network."""
    there = engine_config("postgresql+psycopg://there/study", process="one")
    assert there["db_engine_kwargs"] == {"connect_args": POSTGRESQL_LIMITS}
    assert not engine_config("sqlite+aiosqlite:///study.db", process="")["db_engine_kwargs"]
