"""What the seeker answers to, and the prompt that a language model is sent for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from core.sentences import sentences
from core.transcript import Message, Role
from llm.prompts import as_data, load_prompt
from llm.request import Prompt, PromptMessage
from personas.persona import Persona
from personas.role_check import MOST_SENTENCES, RoleBreak

PROMPT_VERSION = 1


@dataclass(frozen=True, slots=True)
class SeekerSubject:
    """What the seeker answers: who it is and everything said so far."""

    persona: Persona
    messages: tuple[Message, ...]
    begun: str = ""
    """The part of this reply that the supporter has already been shown; the answer goes on from there."""


_WHAT_WAS_WRONG = {
    RoleBreak.TURNS_HELPER: "it spoke like someone who helps the other person",
    RoleBreak.GIVES_ADVICE: "it told the other person what to do",
    RoleBreak.REVEALS_INSTRUCTIONS: "it spoke of instructions, roles or programs",
    RoleBreak.SPEAKS_FOR_OTHER: "it wrote a speaker's label or the other person's line",
    RoleBreak.CONTRADICTS_FACTS: "it contradicted the facts",
    RoleBreak.MARKUP: "it used lists, headings or other marks",
    RoleBreak.OTHER_LANGUAGE: "it was not in English",
    RoleBreak.OVERLONG_SENTENCE: "a sentence was far too long",
    RoleBreak.TOO_SHORT: "it had fewer than two sentences",
    RoleBreak.TOO_LONG: "it had more than three sentences",
}


def seeker_prompt(subject: SeekerSubject, *, breaks: tuple[RoleBreak, ...] = ()) -> Prompt:
    """What a language model is sent: the persona, then the conversation with the supporter's lines as data.

    `breaks`: what was wrong with a first attempt at the same reply.
    """
    opening = _opening(subject.persona, subject.begun, tuple(dict.fromkeys(breaks)))
    said = tuple(_as_prompt(message) for message in subject.messages)
    return Prompt(version=opening.version, hash=opening.hash, messages=(*opening.messages, *said))


@lru_cache(maxsize=256)
def _opening(persona: Persona, begun: str, breaks: tuple[RoleBreak, ...]) -> Prompt:
    """The persona and its rules; the same at every turn, unless a first attempt has `begun` something or broken off."""
    left = MOST_SENTENCES - len(sentences(begun))
    return load_prompt("personas", "seeker", PROMPT_VERSION).render(
        **persona.model_dump(exclude={"topics", "people"}),
        details=[
            *(line for topic in persona.topics for line in topic.lines[:2]),
            *(person.lines[0] for person in persona.people),
        ],
        begun=as_data("begun", begun) if begun else "",
        remaining="one sentence" if left == 1 else f"one or {left} sentences",
        broken=[_WHAT_WAS_WRONG[kind] for kind in breaks],
    )


def _as_prompt(message: Message) -> PromptMessage:
    if message.role is Role.SEEKER:
        return PromptMessage(role="assistant", content=message.text)
    return PromptMessage(role="user", content=as_data("supporter", message.text))
