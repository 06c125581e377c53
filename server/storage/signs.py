"""Signs of life: until when each serving process is known to have lived, in one row for each process."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from server.storage.database import Database
from server.storage.tables import ProcessRow


class SignsOfLife:
    """The signs of this process, and what is known of the others'."""

    def __init__(self, database: Database, process: str) -> None:
        """`process`: a name that no other process has, nor ever had."""
        self._database = database
        self._process = process
        self.given_at = 0
        """When this process gave its last sign: all that it serves is known to have been served until then."""

    async def give(self, at: int) -> None:
        """Store that this process lives `at` that time. Raises one of `STORAGE_FAULTS`."""
        async with self._database.writing() as session:
            await session.merge(ProcessRow(name=self._process, alive_at=at))
        self.given_at = at

    async def last(self, process: str) -> int:
        """When `process` gave its last sign; 0 when it never did. Raises one of `STORAGE_FAULTS`."""
        async with self._database.reading() as session:
            row = await session.get(ProcessRow, process)
        return 0 if row is None else row.alive_at

    async def forget(self, *, before: int) -> None:
        """Delete what is known of processes that gave no sign since `before`."""
        async with self._database.writing() as session:
            await session.exec(delete(ProcessRow).where(col(ProcessRow.alive_at) < before))


async def last_signs(session: AsyncSession) -> dict[str, int]:
    """When each process gave its last sign."""
    return {row.name: row.alive_at for row in (await session.exec(select(ProcessRow))).all()}
