"""Secrets that an installation draws for itself at its first start: there are no default ones."""

from __future__ import annotations

import secrets

from sqlalchemy.exc import IntegrityError

from server.storage.database import Database
from server.storage.tables import SecretRow


async def own_secret(database: Database, name: str) -> str:
    """The secret called `name`, drawn if there is none; processes that start together agree on one."""
    try:
        async with database.writing() as session:
            if (kept := await session.get(SecretRow, name)) is not None:
                return kept.value
            drawn = secrets.token_urlsafe(48)
            session.add(SecretRow(name=name, value=drawn))
            return drawn
    except IntegrityError:
        async with database.reading() as session:
            return (await session.get_one(SecretRow, name)).value
