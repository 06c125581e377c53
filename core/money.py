"""US dollars as people read them."""

from __future__ import annotations

from math import floor, log10


def dollars(usd: float) -> str:
    """To the cent, and below a dollar to three digits that count: `$1,204.50`, `$0.50`, `$0.015`, `$0.0000123`."""
    places = 2 if usd == 0 else max(2, 2 - floor(log10(abs(usd))))
    whole, _, part = f"{usd:,.{places}f}".partition(".")
    return f"${whole}.{part.rstrip('0').ljust(2, '0')}"
