"""Studies of a server: two with the very same files are refused, since their participants would mix."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.errors import Unusable
from personas.bank import load_bank
from server.storage.database import Database
from server.storage.migrate import migrate
from server.studies import Studies
from server.times import now_ms
from tests.server.small_studies import FELT, write_study


async def test_two_studies_of_the_same_files_are_refused(tmp_path: Path) -> None:
    """A copied folder needs something of its own before it is served beside the first."""
    write_study(tmp_path / "studies" / "first", after=[FELT])
    shutil.copytree(tmp_path / "studies" / "first", tmp_path / "studies" / "second")
    database = Database(f"sqlite:///{tmp_path / 'study.db'}")
    await migrate(database)

    with pytest.raises(Unusable, match="'second' has the very files of 'first'"):
        await Studies(database, now=now_ms).load(tmp_path / "studies", scenarios=frozenset(load_bank()))
    await database.close()
