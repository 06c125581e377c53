"""Commands that the desk shows, as they are typed for the very database that this server works on."""

from __future__ import annotations

import shlex
from pathlib import Path

from sqlalchemy import make_url

from server.storage.database import DEFAULT_URL, database_url


def export_command(slug: str, *, database: str) -> str:
    return _command("export", slug, "--out", "DIR", database=database)


def rater_command(*, database: str) -> str:
    return _command("user", "add", "NAME", "--role", "rater", database=database)


def _command(*words: str, database: str) -> str:
    """As one types it at the server's machine; a password of the database is left to be filled in as `***`."""
    command = ["lendanear", *words]
    if database != DEFAULT_URL:
        command += ["--database", _address(database)]
    return shlex.join(command)


def _address(database: str) -> str:
    url = make_url(database_url(database))
    backend = url.get_backend_name()
    if backend == "sqlite":
        return str(Path(url.database or "").absolute())
    return url.set(drivername=backend).render_as_string()
