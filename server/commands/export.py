"""`export`: the dataset of a study, from a database that may be in use."""

from __future__ import annotations

from pathlib import Path

from personas.bank import load_bank
from server.export.write import Exported, Wishes
from server.export.write import export as write_dataset
from server.settings import Settings
from server.storage.database import Database
from server.storage.migrate import check_current
from server.storage.secrets import own_secret
from server.times import now_ms


async def export(settings: Settings, slug: str, out: Path, *, wishes: Wishes) -> Exported:
    """Write the dataset folder. Raises `Unusable` for a database that is not there or not up to date."""
    database = Database(settings.database_url)
    try:
        await check_current(database)
        salt = await own_secret(database, "salt")
        return await write_dataset(database, slug, out, wishes=wishes, personas=load_bank(), salt=salt, now=now_ms())
    finally:
        await database.close()
