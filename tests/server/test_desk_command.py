"""The commands that the desk shows: typed as they stand, they find the server's own database."""

from __future__ import annotations

from pathlib import Path

from server.desk.command import export_command, rater_command
from server.storage.database import DEFAULT_URL


def test_the_database_is_named_where_it_is_not_the_usual_one() -> None:
    """An SQLite file by its whole path, from whatever folder; PostgreSQL without its password."""
    usual, own, other = (
        export_command("demo", database=database)
        for database in (DEFAULT_URL, "my study.db", "postgresql://ann:secret@host/studies")
    )

    assert usual == "lendanear export demo --out DIR"
    assert own == f"{usual} --database '{Path.cwd() / 'my study.db'}'"
    assert (
        rater_command(database="own.db") == f"lendanear user add NAME --role rater --database {Path.cwd() / 'own.db'}"
    )
    assert other == f"{usual} --database 'postgresql://ann:***@host/studies'"
