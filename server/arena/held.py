"""What a session leaves behind: every reply, every choice and the conversation that came of them, as one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from core.errors import Unusable
from core.strict import Strict
from core.transcript import Message, Role
from core.written import check_ordinary
from server.arena.seats import Session

Letter = Literal["A", "B"]
Winner = Literal["A", "B", "tie"]


class Terms(Strict):
    """What all sessions of a run have in common."""

    seeker: str
    """`provider:model` or `human:NAME`, as for the chooser."""
    chooser: str = ""
    """Empty where each supporter answers alone."""
    rubric: str = ""
    """By which a model chooses."""
    fewest_turns: int
    """Replies after which a session may end."""
    seed: int


class Reply(Strict):
    """What one supporter answered; without a text it has failed, and says why."""

    supporter: str
    text: str | None = None
    failure: str | None = None


class Choice(Strict):
    """What was chosen between two replies."""

    winner: Winner | None = None
    """None where no choice came about."""
    goes_on: Letter
    """Which reply the conversation goes on with; after a tie one of the two, by wish of a person or by chance."""
    first: Letter | None = None
    """A model's letter with A shown first; None for people, who are asked once."""
    second: Letter | None = None
    """The letter with the two exchanged."""
    model: str = ""
    prompt_version: str = ""
    failure: str = ""


class Turn(Strict):
    """The replies to one message of the seeker, in the order in which they were shown: A, B."""

    replies: tuple[Reply, ...]
    choice: Choice | None = None
    """None where one supporter answers alone."""


class Spoken(Strict):
    """A message of the conversation."""

    role: Literal["seeker", "supporter"]
    text: str


class Held(Strict):
    """A session that was held to its end."""

    id: str
    scenario: str
    supporters: tuple[str, ...]
    terms: Terms
    turns: tuple[Turn, ...]
    messages: tuple[Spoken, ...]
    scores: Mapping[str, int] | None = None
    """What the person who was the seeker gave the one supporter, by dimension."""

    def history(self, turn: int) -> tuple[Message, ...]:
        """What had been said when the replies of turn number `turn`, from 1, were asked for."""
        return tuple(Message(Role(said.role), said.text) for said in self.messages[: 2 * turn - 1])


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """A session that came to no end, because a model failed; it leaves nothing behind and is held again."""

    id: str
    reason: str


def read_held(path: Path, planned: Sequence[Session], terms: Terms) -> tuple[list[Held], int]:
    """The sessions in `path`, and the byte at which the last whole line ends; what breaks off there is left out.

    Raises `Unusable` where one of them is not `planned`, or was held on other terms.
    """
    if not path.exists():
        return [], 0
    check_ordinary(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path}: cannot be read ({error.strerror})") from None
    end = raw.rfind(b"\n") + 1
    held = list(_parsed(raw[:end], path))
    ours = {session.id: session for session in planned}
    for each in held:
        if each.terms != terms or Session(each.id, each.scenario, each.supporters) != ours.pop(each.id, None):
            raise Unusable(f"{path}: the session {each.id} is none of this run; name another folder for --out")
    return held, end


def _parsed(raw: bytes, path: Path) -> Iterator[Held]:
    for number, line in enumerate(raw.split(b"\n")[:-1], start=1):
        try:
            yield Held.model_validate_json(line)
        except ValidationError:
            raise Unusable(f"{path}:{number}: no session of an arena; name another folder for --out") from None
