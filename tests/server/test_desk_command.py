"""The command that the desk shows for an export: typed as it stands, it finds the server's own database."""

from __future__ import annotations

from pathlib import Path

from server.desk.command import export_command
from server.storage.database import DEFAULT_URL


def test_the_database_is_named_where_it_is_not_the_usual_one() -> None:
    """An SQLite file by its whole path, from whatever folder; PostgreSQL without its password."""
    usual, own, other = (
        export_command("demo", database=database)
        for database in (DEFAULT_URL, "my study.db", "postgresql://ann:secret@host/studies")
    )

    assert usual == "lendanear export demo --out DIR"
    assert own == f"{usual} --database '{Path.cwd() / 'my study.db'}'"
    assert other == f"{usual} --database 'postgresql://ann:***@host/studies'"
