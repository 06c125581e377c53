"""The worked examples that the coach's prompts carry (LE-50)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field

from core.located import LocatedYaml
from core.shipped import shipped_text
from core.strict import Strict, Text
from core.transcript import Message, Role, Transcript


class Example(Strict):
    """A conversation, the feedback on it, and one question about it with its answer."""

    topic: Text
    conversation: Annotated[tuple[dict[Role, Text], ...], Field(min_length=2)]
    feedback: Text
    question: Text
    answer: Text

    @property
    def transcript(self) -> Transcript:
        """The conversation as a transcript."""
        messages = tuple(Message(role, text) for line in self.conversation for role, text in line.items())
        return Transcript(id=f"example {self.topic}", messages=messages)


class Examples(Strict):
    """The file."""

    examples: Annotated[tuple[Example, ...], Field(min_length=1)]


def read_examples(text: str, *, file: str) -> tuple[Example, ...]:
    """The examples in `text`, which stands in `file`; raises `Faults`."""
    return LocatedYaml(text, file=file).read_as(Examples).examples


@cache
def worked_examples() -> tuple[Example, ...]:
    """The examples that ship."""
    return read_examples(shipped_text("coach", "examples.yaml"), file="coach/examples.yaml")
