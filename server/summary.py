"""A dialogue as a whole: what its log comes to, for the dataset and for the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.dialogue import Dialogue
from core.events import Closed, CloseReason, Entry, Said
from core.transcript import Role
from server.live.hub import LATE_SIGNS, SIGN_MS


@dataclass(frozen=True, slots=True)
class Summary:
    """Times are milliseconds since the epoch, durations seconds; None where there is nothing to tell."""

    started_at: int | None
    ended_at: int | None
    end_reason: CloseReason | None
    active_s: float | None
    """Used time of the clock."""
    wall_s: float | None
    """From the supporter's first message to the close."""
    supporter_messages: int
    supporter_words: int
    other_messages: int
    """Of the seeker or the coach."""
    model: str | None
    """Who wrote the last message of the other side that a prompt was made for."""
    prompt_version: str | None


def served_until(state: Dialogue, alive_at: Mapping[str, int], *, now: int) -> int:
    """Until when the clock of a dialogue has run: the time in which nobody serves it is given back later.

    `alive_at`: the last sign of life of each process; one that gave none served the dialogue until its last entry.
    """
    alive = alive_at.get(state.process, 0)
    return now if now - alive <= LATE_SIGNS * SIGN_MS else max(state.at, alive)


def summary_of(entries: Sequence[Entry], state: Dialogue, *, now: int) -> Summary:
    """The summary of a log and the state that it folds to, while the dialogue goes on (see `served_until`) or after."""
    said = [(entry.at, entry.event) for entry in entries if isinstance(entry.event, Said)]
    own = [(at, event) for at, event in said if event.role is Role.SUPPORTER]
    ended = next((entry.at for entry in entries if isinstance(entry.event, Closed)), None)
    written = [e.label for _, e in said if e.role is not Role.SUPPORTER and e.label.get("prompt_version")]
    label = written[-1] if written else {}
    return Summary(
        started_at=entries[0].at if entries else None,
        ended_at=ended,
        end_reason=state.closed,
        active_s=None if state.clock is None else state.clock.used(now) / 1000,
        wall_s=(ended - own[0][0]) / 1000 if own and ended is not None else None,
        supporter_messages=len(own),
        supporter_words=sum(len(event.text.split()) for _, event in own),
        other_messages=len(said) - len(own),
        model=label.get("model"),
        prompt_version=label.get("prompt_version"),
    )
