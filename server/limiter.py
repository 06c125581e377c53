"""Limits per address: on attempts to log in, and on newcomers."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection

LOGINS = "10/minute"
"""So few that passwords cannot be tried out."""
SUBNET = 64
"""Leading bits of an IPv6 address that say whose it is; the others everybody chooses for themselves."""


class AddressLimiter:
    """Admits so many of one kind per address and time, as far as this process sees."""

    def __init__(self, kind: str, limit: str) -> None:
        """`limit`: as the package `limits` writes it, such as "10/minute". Raises `ValueError` for anything else."""
        self._kind = kind
        self._limit = parse(limit)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def admits(self, address: str) -> bool:
        """Whether one more from `address` is admitted; it is counted."""
        return await self._limiter.hit(self._limit, self._kind, address)

    async def wait_s(self, address: str) -> int | None:
        """Seconds until one more from `address` would be admitted; None when it is, and counted."""
        if await self.admits(address):
            return None
        window = await self._limiter.get_window_stats(self._limit, self._kind, address)
        return max(1, math.ceil(window.reset_time - time.time()))


def address_of(connection: HTTPConnection) -> str:
    """Where a call comes from, as far as limits go: an IPv4 address, or the network of an IPv6 one."""
    host = connection.client.host if connection.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, SUBNET), strict=False))
