"""How long a call to a model may take, in seconds of the wall: the time scale of a study does not shorten them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Where waiting for a model ends with `TimedOut`."""

    connect_s: float = 5.0
    first_token_s: float = 20.0
    """From asking to the first word; a participant who waits longer than this thinks that nobody is there."""
    stall_s: float = 15.0
    """Between two chunks of a running answer."""
    total_s: float = 120.0
    """For the whole call; also for answers that do not stream."""
