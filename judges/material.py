"""What a judge is shown of a transcript, and whose words in it are judged."""

from __future__ import annotations

from dataclasses import dataclass

from core.transcript import Message, Role, Transcript
from judges.criteria import Judged, Rubric


class Unjudgeable(Exception):
    """A transcript that holds nothing to be judged; the message says why. It is a fault of the file, not of a model."""


@dataclass(frozen=True, slots=True)
class Material:
    """The part of a transcript that a rubric is about."""

    messages: tuple[Message, ...]
    """All that is shown, in order; where a reply is judged, it is the last."""
    said: tuple[str, ...]
    """The texts that are judged, and that may be quoted."""

    @property
    def last_tag(self) -> str:
        """The tag of the last message in `llm.prompts.as_blocks`."""
        return f"{self.messages[-1].role}-{len(self.messages)}"


def material(transcript: Transcript, rubric: Rubric) -> Material:
    """What `rubric` looks at in `transcript`; raises `Unjudgeable` where there is nothing to look at."""
    messages = transcript.messages
    if not messages:
        raise Unjudgeable("the transcript holds no message")
    for role in rubric.about.roles:
        if not any(text.strip() for text in transcript.of(role)):
            raise Unjudgeable(f"the {role} says nothing in this transcript")
    if rubric.judged is Judged.CASE:
        messages = tuple(message for message in messages if message.role is Role.SEEKER)
        return Material(messages, said=tuple(message.text for message in messages))
    if len({message.role for message in messages}) == 1:
        raise Unjudgeable(f"only the {messages[0].role} speaks in this transcript")
    if rubric.judged is Judged.REPLY:
        end = max(place for place, message in enumerate(messages) if _is_reply(message, rubric))
        return Material(messages[: end + 1], said=(messages[end].text,))
    said = tuple(message.text for message in messages if message.role in rubric.about.roles)
    return Material(messages, said=said)


def _is_reply(message: Message, rubric: Rubric) -> bool:
    return message.role in rubric.about.roles and bool(message.text.strip())
