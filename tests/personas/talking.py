"""Conversations between the rules seeker and whoever a test wants it to talk to."""

from __future__ import annotations

from collections.abc import Iterable

from core.sentences import sentences
from core.transcript import Message, Role
from personas.persona import Persona
from personas.role_check import FEWEST_SENTENCES, MOST_SENTENCES, RoleBreak, check_sentence
from personas.seeker_prompt import SeekerSubject
from personas.seeker_rules import seeker_says
from personas.supporter_rules import supporter_says
from personas.supporters import SupporterSubject


def check_reply(text: str, *, persona: Persona) -> tuple[RoleBreak, ...]:
    """What is wrong with a whole reply as it was given, its length of two to three sentences included (LE-41)."""
    parts = sentences(text)
    breaks = [kind for part in parts for kind in check_sentence(part, persona=persona)]
    if len(parts) < FEWEST_SENTENCES:
        breaks.append(RoleBreak.TOO_SHORT)
    if len(parts) > MOST_SENTENCES:
        breaks.append(RoleBreak.TOO_LONG)
    return tuple(dict.fromkeys(breaks))


def opened(persona: Persona) -> tuple[Message, ...]:
    """A conversation in which only the opener was said."""
    return (Message(Role.SEEKER, persona.opener),)


def answered(persona: Persona, messages: tuple[Message, ...], line: str) -> tuple[Message, ...]:
    """The conversation with one more line of the supporter and the rules seeker's reply."""
    said = (*messages, Message(Role.SUPPORTER, line))
    return (*said, Message(Role.SEEKER, seeker_says(SeekerSubject(persona, said))))


def conversation(persona: Persona, lines: Iterable[str]) -> tuple[Message, ...]:
    """A whole conversation in which the supporter says these lines."""
    messages = opened(persona)
    for line in lines:
        messages = answered(persona, messages, line)
    return messages


def simulated(persona: Persona, *, skill: float, seed: int, turns: int = 12) -> tuple[Message, ...]:
    """A conversation with a simulated supporter."""
    messages = opened(persona)
    for _ in range(turns):
        messages = answered(persona, messages, supporter_says(SupporterSubject(messages, skill, seed)))
    return messages


def replies(messages: tuple[Message, ...]) -> list[str]:
    """What the seeker said after the opener."""
    return [message.text for message in messages[1:] if message.role is Role.SEEKER]
