"""`user add`: an account for the desk."""

from __future__ import annotations

from server.desk.accounts import DeskRole, add_account
from server.settings import Settings
from server.storage.database import Database
from server.storage.migrate import migrate


async def add(settings: Settings, *, name: str, role: DeskRole, password: str) -> None:
    """Add the account; a database that is not there yet is made. Raises `Unusable`."""
    database = Database(settings.database_url)
    try:
        await migrate(database)
        await add_account(database, name=name, role=role, password=password)
    finally:
        await database.close()
