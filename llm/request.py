"""What a model is asked: the role it plays, the facts, and the prompt made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ModelRole(StrEnum):
    """What a call is for; settings map each role to a provider and model."""

    SEEKER = "seeker"
    COACH = "coach"
    JUDGE = "judge"
    COMPARER = "comparer"
    DEMONSTRATOR = "demonstrator"
    ASSESSOR = "assessor"
    CASE_WRITER = "case_writer"
    PERSONA_WRITER = "persona_writer"
    SUPPORTER = "supporter"
    LABELLER = "labeller"
    EMBEDDER = "embedder"


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a prompt, in the roles of the chat-completions API."""

    role: str
    """`system`, `user` or `assistant`."""
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt with the name, version and hash of the text file it came from."""

    version: str
    """Name and version of the file, e.g. `seeker/1`."""
    hash: str
    """SHA-256 of the file, first 12 hex digits."""
    messages: tuple[PromptMessage, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model.

    A language model is sent `prompt`; the rules provider answers from `subject`, the typed facts it was made of.
    """

    role: ModelRole
    subject: object
    prompt: Prompt
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)
    """Decoding asked for by the caller (`max_tokens`, `temperature`, …); settings of the role override them."""
    purpose: str = ""
    """What the call belongs to in the ledger: the id of a dialogue or a transcript; never a person's identity."""
