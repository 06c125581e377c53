"""A model's words for what the sentences of a theme have in common (LE-125)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from llm.faults import ModelFault
from llm.prompts import as_data, load_prompt
from llm.request import ModelRole, Request

_AT_ONCE = 8
_MAX_TOKENS = 200


class ThemeLabel(BaseModel):
    """The form that the model fills in."""

    label: str = Field(min_length=1, max_length=300)


@dataclass(frozen=True, slots=True)
class Label:
    """A theme's label, or the reason why there is none."""

    text: str | None
    failure: str | None = None


Ask = Callable[[Request], Awaitable[ThemeLabel]]
"""Asks a model; raises a `ModelFault`."""


def label_request(sentences: Sequence[str], terms: Sequence[str], *, trouble_type: str) -> Request:
    """The question for one theme: its most typical sentences, as data, and the kind of trouble."""
    blocks = "\n".join(as_data(f"sentence-{place}", sentence) for place, sentence in enumerate(sentences, start=1))
    prompt = load_prompt("analysis.themes", "theme", 1).render(
        trouble_type=trouble_type, sentences=blocks, terms=as_data("words", ", ".join(terms))
    )
    return Request(
        role=ModelRole.LABELLER,
        subject=tuple(sentences),
        prompt=prompt,
        parameters={"temperature": 0.0, "max_tokens": _MAX_TOKENS},
        purpose=f"themes:{trouble_type}",
    )


async def labels(requests: Sequence[Request], ask: Ask, *, on_label: Callable[[], None] = lambda: None) -> list[Label]:
    """The label for each request; a model that fails leaves an absence with its reason."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(request: Request) -> Label:
        async with gate:
            try:
                label = Label((await ask(request)).label.strip())
            except ModelFault as fault:
                label = Label(None, f"{fault.kind}: {fault}")
            on_label()
            return label

    return list(await asyncio.gather(*(one(request) for request in requests)))
