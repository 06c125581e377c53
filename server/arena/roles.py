"""Who may sit at the table of an arena beside the supporters: a seeker, and somebody who chooses."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Protocol

from core.study import Reveal
from core.transcript import Message, Role, Transcript
from judges.compare import Comparer
from personas.persona import Persona
from personas.seeker import Seeker
from server.arena.held import Choice
from server.arena.seats import Session


class AsksForSupport(Protocol):
    """Whoever is the seeker: a persona or a person."""

    name: str
    """`provider:model` or `human:NAME`."""

    async def opens(self, session: Session) -> str:
        """The first message."""

    async def goes_on(self, session: Session, messages: tuple[Message, ...], *, may_end: bool) -> str | None:
        """The next message; None, where it `may_end`, for the end. Raises `ModelFault`."""


class Chooses(Protocol):
    """Whoever says which of two replies is better."""

    name: str

    async def choose(self, history: Transcript, replies: tuple[str, str], draw: Random) -> Choice:
        """A choice between the replies A and B to `history`; `draw` decides what is left to chance."""


class PersonaSeeker:
    """A persona of the bank, played by whatever model plays the seeker; it ends as soon as it may."""

    def __init__(self, seeker: Seeker, personas: Mapping[str, Persona], *, name: str) -> None:
        self.name = name
        self._seeker = seeker
        self._personas = personas

    async def opens(self, session: Session) -> str:
        return self._personas[session.scenario].opener

    async def goes_on(self, session: Session, messages: tuple[Message, ...], *, may_end: bool) -> str | None:
        if may_end:
            return None
        persona = self._personas[session.scenario]
        reply = self._seeker.reply(persona, messages, reveal=Reveal.MESSAGE, purpose=session.id)
        async for _ in reply:
            pass
        return reply.text


class JudgeChooser:
    """A judge that compares, asked in both orders as `compare` asks; after a tie chance says how it goes on."""

    def __init__(self, comparer: Comparer, *, name: str) -> None:
        self.name = name
        self._comparer = comparer

    async def choose(self, history: Transcript, replies: tuple[str, str], draw: Random) -> Choice:
        first, second = (with_reply(history, reply, letter) for reply, letter in zip(replies, "AB", strict=True))
        found = await self._comparer.compare(first, second)
        by_chance = draw.choice(("A", "B"))
        return Choice.model_validate(
            {
                "winner": found.winner,
                "goes_on": found.winner if found.winner in ("A", "B") else by_chance,
                "first": found.letters[0],
                "second": found.letters[1],
                "model": found.model or self.name,
                "prompt_version": self._comparer.prompt_version,
                "failure": found.failure or "",
            }
        )


def turn_id(session_id: str, turn: int) -> str:
    """What the ids of the two conversations that a turn could lead to have in common; turns count from 1."""
    return f"{session_id}-{turn}"


def with_reply(history: Transcript, reply: str, letter: str) -> Transcript:
    """The conversation as it would go on with `reply`; its id is that of the turn with the letter."""
    said = (*history.messages, Message(Role.SUPPORTER, reply))
    return Transcript(f"{history.id}{letter}", said, scenario=history.scenario)
