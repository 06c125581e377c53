"""How dbos is set up: where its tables are, who this process is, and how inputs are stored."""

from __future__ import annotations

from pathlib import Path

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from dbos import _workflow_commands as background
from sqlalchemy import make_url

from server.storage.database import POSTGRESQL_LIMITS

VERSION = "1"
"""Raise when a workflow changes so that half-done ones cannot go on; finish those first."""
JOBS = "jobs"
ALONE = "local"
"""The name of a process that has no others beside it."""
SLEEP_S = 0.25


def engine_config(database_url: str, process: str, *, beside: str = JOBS) -> DBOSConfig:
    """The configuration of this process, which is `process` among several on PostgreSQL.

    `beside`: on SQLite, the ending of the engine's own file. Two processes in one file would take each other's jobs.
    """
    return DBOSConfig(
        name="lendanear",
        system_database_url=_address(database_url, beside),
        application_version=VERSION,
        executor_id=process or ALONE,
        serializer=DBOSPortableJSONSerializer(),
        log_level="WARNING",
        # Its messages and events are not used here: nothing is looked for, but a stop waits until this sleep is over.
        use_listen_notify=False,
        notification_listener_polling_interval_sec=SLEEP_S,
        db_engine_kwargs={} if database_url.startswith("sqlite") else {"connect_args": POSTGRESQL_LIMITS},
    )


def look_seldom(engine: DBOS, every_s: float) -> None:
    """Have `engine`, before it is launched, look every so many seconds for what dbos looks for each second.

    That is its own queue, into which a start puts the jobs of the process before, and delays and time limits of jobs,
    which are not used here. dbos has no setting for it, hence its private names.
    """
    background._BACKGROUND_JOBS_INTERVAL_SEC = every_s
    engine._registry.get_internal_queue()._polling_interval_sec = every_s


def runs_here(engine: DBOS, job: str) -> bool:
    """Whether `job` is being done in this process: its row says so even of one whose end could not be written.

    dbos has no question for it, hence its private name.
    """
    return job in engine._active_workflows_set.activeList()


def file_beside(database_url: str, beside: str = JOBS) -> Path | None:
    """The engine's own SQLite file: two writers in one file would wait for each other. None on PostgreSQL."""
    file = Path(make_url(database_url).database or "")
    return file.with_name(f"{file.stem}-{beside}{file.suffix}") if database_url.startswith("sqlite") else None


def _address(database_url: str, beside: str) -> str:
    """Where the engine keeps its tables: in a file beside ours on SQLite, in a schema of its own on PostgreSQL."""
    if (file := file_beside(database_url, beside)) is None:
        return database_url.replace("postgresql+psycopg", "postgresql")
    return make_url(database_url).set(drivername="sqlite", database=str(file)).render_as_string(hide_password=False)
