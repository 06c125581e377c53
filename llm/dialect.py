"""What one endpoint wants to be asked differently: learnt from its refusals once, then remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llm.faults import BadRequest
from llm.provider import Parameters
from llm.request import PromptMessage

_RENAMED: Mapping[str, str] = {"max_tokens": "max_completion_tokens"}


@dataclass(slots=True)
class Dialect:
    """How one model wants its requests put.

    Only wording is adapted. A refused `temperature` or `seed` is never dropped: that would change what is measured.
    """

    renames_max_tokens: bool = False
    omits_stream_options: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """One request as it is put to one model, and put again when a refusal teaches how."""

    dialect: Dialect
    model: str
    messages: Sequence[PromptMessage]
    parameters: Parameters
    response_format: Mapping[str, object] | None = None
    is_stream: bool = False

    def body(self) -> dict[str, object]:
        """The JSON body of the chat completion, as far as is known by now."""
        renamed = _RENAMED if self.dialect.renames_max_tokens else {}
        body: dict[str, object] = {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in self.messages],
            **{renamed.get(name, name): value for name, value in self.parameters.items()},
        }
        if self.response_format is not None:
            body["response_format"] = self.response_format
        if self.is_stream:
            body["stream"] = True
            if not self.dialect.omits_stream_options:
                body["stream_options"] = {"include_usage": True}
        return body

    def learn(self, refusal: BadRequest, body: Mapping[str, object]) -> bool:
        """Whether `refusal` of `body` teaches how to word it otherwise, so that asking again makes sense."""
        said = str(refusal)
        if "max_completion_tokens" in said and "max_tokens" in body:
            self.dialect.renames_max_tokens = True
            return True
        if "stream_options" in said and "stream_options" in body:
            self.dialect.omits_stream_options = True
            return True
        return False
