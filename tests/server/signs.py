"""Signs of life that are kept in memory, for tests that need no database."""

from __future__ import annotations


class Signs:
    """What processes have shown of themselves, while `is_away` is not set."""

    def __init__(self, process: str = "", *, known: dict[str, int] | None = None) -> None:
        """`known` is shared by the processes of a test."""
        self.process = process
        self.known = {} if known is None else known
        self.given_at = 0
        self.is_away = False

    async def give(self, at: int) -> None:
        if self.is_away:
            raise OSError("away")
        self.known[self.process] = self.given_at = at

    async def last(self, process: str) -> int:
        return self.known.get(process, 0)

    async def forget(self, *, before: int) -> None:
        for process in [name for name, at in self.known.items() if at < before]:
            del self.known[process]
