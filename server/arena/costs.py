"""What an arena will probably cost: calls and characters of the sessions that are still to be held."""

from __future__ import annotations

from collections.abc import Sequence

from llm.forecast import Forecast, forecast
from llm.prices import PriceList
from server.arena.seats import Session

SEEKER_CHARS = 200
"""Of a seeker's message and, below, of a supporter's: about those of 25 real conversations."""
SUPPORTER_CHARS = 100
SUPPORTER_PROMPT = 1_200
SEEKER_PROMPT = 7_600
COMPARER_PROMPT = 1_100
"""Characters of the prompts without the conversation, as they ship."""


def supporter_forecast(
    model: str, prices: PriceList, sessions: Sequence[Session], *, supporter: str, turns: int
) -> Forecast:
    """A reply at every turn of the sessions of `supporter`."""
    calls = turns * sum(supporter in session.supporters for session in sessions)
    asked = SUPPORTER_PROMPT + _said(turns)
    return forecast(model, prices, calls=calls, asked_chars=asked, answered_chars=SUPPORTER_CHARS)


def seeker_forecast(model: str, prices: PriceList, sessions: Sequence[Session], *, turns: int) -> Forecast:
    """A reply at every turn but the last; the first message is the persona's own."""
    calls = (turns - 1) * len(sessions)
    return forecast(model, prices, calls=calls, asked_chars=SEEKER_PROMPT + _said(turns), answered_chars=SEEKER_CHARS)


def chooser_forecast(model: str, prices: PriceList, sessions: Sequence[Session], *, turns: int) -> Forecast:
    """Two questions at every turn, each with the conversation twice; the answer is a letter."""
    asked = COMPARER_PROMPT + 2 * _said(turns)
    return forecast(model, prices, calls=2 * turns * len(sessions), asked_chars=asked, answered_chars=1)


def _said(turns: int) -> float:
    """Characters of the conversation so far, on average over the turns."""
    return (SEEKER_CHARS + SUPPORTER_CHARS) * (turns + 1) / 2
