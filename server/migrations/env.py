"""Alembic's environment: migrations run on the connection that the program passes in."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import server.storage.tables  # noqa: F401 - registers the tables

TABLES = frozenset(SQLModel.metadata.tables)


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table belongs to this program; the job engine keeps its own tables beside them."""
    return kind != "table" or name in TABLES


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    include_name=is_ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
