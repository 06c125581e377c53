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
    """Admits so many per address and time, as far as this process sees."""

    def __init__(self, limit: str) -> None:
        """`limit`: as the package `limits` writes it, such as "10/minute". Raises `ValueError` for anything else."""
        self._limit = parse(limit)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def take(self, address: str) -> int | None:
        """Admit and count one more from `address`: None, or else the seconds until one more would be admitted."""
        if await self._limiter.hit(self._limit, address):
            return None
        window = await self._limiter.get_window_stats(self._limit, address)
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
