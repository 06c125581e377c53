"""Prompts as text files with a version, and what people write set into them as data, never as instructions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from core.transcript import Message
from llm.request import Prompt, PromptMessage

_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - prompts are plain text
_SURROGATE = re.compile("[\ud800-\udfff]")
_HARMLESS = str.maketrans("<>", "‹›")
_PART = re.compile(r"^--- (system|user|assistant) ---$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt template: a text file of parts, each opened by a line such as `--- system ---`.

    The file is named `NAME.VERSION.txt`; parts are Jinja2 templates in which a slot that is not given is an error.
    """

    version: str
    hash: str
    parts: tuple[tuple[str, str], ...]

    def render(self, **slots: object) -> Prompt:
        """The prompt with its slots filled; raises `jinja2.UndefinedError` when one is missing."""
        messages = tuple(
            PromptMessage(role=role, content=_template(text).render(**slots).strip()) for role, text in self.parts
        )
        return Prompt(version=self.version, hash=self.hash, messages=messages)


@cache
def _template(text: str) -> Template:
    """Compiling takes milliseconds, and the same few parts are rendered at every turn."""
    return _ENVIRONMENT.from_string(text)


@cache
def load_prompt(package: str, name: str, version: int) -> PromptFile:
    """The prompt file `prompts/NAME.VERSION.txt` of `package`."""
    text = files(package).joinpath("prompts", f"{name}.{version}.txt").read_text(encoding="utf-8")
    _, *pieces = _PART.split(text)
    parts = tuple(zip(pieces[::2], pieces[1::2], strict=True))
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return PromptFile(version=f"{name}/{version}", hash=digest, parts=parts)


def as_data(tag: str, text: str) -> str:
    """`text` between `<tag>` and `</tag>`, with every angle bracket inside it made harmless.

    What people write can then neither close the block nor open another one.
    """
    return f"<{tag}>\n{as_shown(text)}\n</{tag}>"


def as_shown(text: str) -> str:
    """`text` as prompts show it: angle brackets harmless, halves of characters replaced, each place kept."""
    return _SURROGATE.sub("\ufffd", text).translate(_HARMLESS)


def as_blocks(messages: Iterable[Message], *, prefix: str = "") -> str:
    """Each message as data, in a block named by its writer and its place (from 1), after `prefix`.

    A line break in a message can then not pass for the next speaker.
    """
    return "\n".join(as_data(f"{prefix}{m.role}-{place}", m.text) for place, m in enumerate(messages, start=1))
