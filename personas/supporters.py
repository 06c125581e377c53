"""Simulated supporters of differing skill, for pilots and tests: never people, and every report says so."""

from __future__ import annotations

from dataclasses import dataclass

from core.transcript import Message, Role
from llm.models import Models
from llm.prompts import as_data, load_prompt
from llm.reply import TextReply
from llm.request import ModelRole, Prompt, PromptMessage, Request

PROMPT_VERSION = 1
MOST_TOKENS = 200


@dataclass(frozen=True, slots=True)
class SupporterSubject:
    """What a simulated supporter answers to: the conversation so far, which the seeker opened."""

    messages: tuple[Message, ...]
    skill: float
    """0 hurries to advice, 1 listens."""
    seed: int
    """Tells simulated people of the same skill apart; the same seed, skill and messages give the same message."""

    def __post_init__(self) -> None:
        if not 0 <= self.skill <= 1:
            raise ValueError(f"a skill is between 0 and 1, not {self.skill}")


class Supporter:
    """Writes what a simulated supporter says, with whatever model the settings give the role `supporter`."""

    def __init__(self, models: Models) -> None:
        self._models = models

    async def reply(self, messages: tuple[Message, ...], *, skill: float, seed: int, purpose: str) -> TextReply:
        """The next message of a supporter of this skill; raises `ModelFault` when the model brings none."""
        subject = SupporterSubject(messages, skill=skill, seed=seed)
        return await self._models.text(
            Request(
                role=ModelRole.SUPPORTER,
                subject=subject,
                prompt=supporter_prompt(subject),
                parameters={"max_tokens": MOST_TOKENS},
                purpose=purpose,
            )
        )


def simulated_skill_after(skill: float, *, lessons: bool, coached: bool) -> float:
    """The skill of a simulated supporter after a round's training.

    An assumption made for pilots, not a finding: lessons close a tenth, coaching two fifths of the distance to 1.
    """
    for is_trained, share in ((lessons, 0.1), (coached, 0.4)):
        skill += share * (1 - skill) * is_trained
    return skill


def supporter_prompt(subject: SupporterSubject) -> Prompt:
    """What a language model is sent: how skilled to be, then the conversation with the seeker's lines as data."""
    opening = load_prompt("personas", "supporter", PROMPT_VERSION).render(skill=subject.skill, seed=subject.seed)
    said = tuple(_as_prompt(message) for message in subject.messages)
    return Prompt(version=opening.version, hash=opening.hash, messages=(*opening.messages, *said))


def _as_prompt(message: Message) -> PromptMessage:
    if message.role is Role.SUPPORTER:
        return PromptMessage(role="assistant", content=message.text)
    return PromptMessage(role="user", content=as_data("seeker", message.text))
