"""Transcripts: finished conversations that never change, and the JSON Lines file they travel in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Unusable
from core.written import first_ten


class Role(StrEnum):
    """Who says a message."""

    SEEKER = "seeker"
    SUPPORTER = "supporter"
    COACH = "coach"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A finished conversation between a seeker and a supporter."""

    id: str
    messages: tuple[Message, ...]
    scenario: str | None = None

    def of(self, role: Role) -> tuple[str, ...]:
        """The texts that `role` said, in order."""
        return tuple(message.text for message in self.messages if message.role is role)


def parse_transcripts(lines: Iterable[str], *, source: str, with_coach: bool = False) -> Iterator[Transcript]:
    """The transcripts of a JSON Lines file, blank lines skipped; `with_coach`: of talks with the coach as well.

    Raises `Unusable` for lines that are no transcript as `contracts` describes it, and for an id that occurs twice:
    from the first such line on nothing more comes back, and the rest is only read for further faults. The message has
    a line with `source` and the number for each of the first ten, and counts the others.
    """
    seen: set[str] = set()
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            transcript = _parse_line(line, where=f"{source}:{number}", with_coach=with_coach)
            if transcript.id in seen:
                raise Unusable(f"{source}:{number}: the id {transcript.id!r} occurs twice")
        except Unusable as fault:
            faults.append(fault.message)
            continue
        seen.add(transcript.id)
        if not faults:
            yield transcript
    if faults:
        raise Unusable(first_ten(faults, source=source))


def _parse_line(line: str, *, where: str, with_coach: bool) -> Transcript:
    try:
        line.encode()
    except UnicodeEncodeError:  # what `surrogateescape` leaves of bytes that are no text
        raise Unusable(f"{where}: not UTF-8 text") from None
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{where}: not a line of JSON ({error})") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not raw["id"]:
        raise Unusable(f"{where}: a transcript needs a text `id`")
    if not isinstance(raw.get("messages"), list):
        raise Unusable(f"{where}: a transcript needs a list of `messages`")
    scenario = raw.get("scenario")
    if scenario is not None and not isinstance(scenario, str):
        raise Unusable(f"{where}: `scenario` must be text")
    roles = tuple(Role) if with_coach else (Role.SEEKER, Role.SUPPORTER)
    messages = tuple(
        _parse_message(item, where=f"{where}: message {i}", roles=roles) for i, item in enumerate(raw["messages"], 1)
    )
    return Transcript(id=raw["id"], messages=messages, scenario=scenario)


def _parse_message(raw: object, *, where: str, roles: tuple[Role, ...]) -> Message:
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str):
        raise Unusable(f"{where} needs a `role` and a `text`")
    if raw.get("role") not in roles:
        raise Unusable(f"{where}: `role` must be {' or '.join(roles)}")
    return Message(role=Role(raw["role"]), text=raw["text"])
