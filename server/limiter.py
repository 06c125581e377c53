"""A limit on attempts to log in, per address."""

from __future__ import annotations

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter


class LoginLimiter:
    """Admits a few attempts per minute and address, so that passwords cannot be tried out."""

    def __init__(self, attempts: str = "10/minute") -> None:
        self._limit = parse(attempts)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def admits(self, address: str) -> bool:
        """Whether one more attempt from `address` is admitted; it is counted."""
        return await self._limiter.hit(self._limit, "login", address)
