"""What the tests of the door ask, and the door they ask it through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from pydantic import BaseModel, Field, SecretStr

from llm.attempt import Running
from llm.ledger import InMemoryLedger
from llm.limits import Limits
from llm.models import ModelChoice, Models
from llm.openai import OpenAIProvider
from llm.provider import Provider
from llm.reply import Label
from llm.request import ModelRole, Prompt, PromptMessage, Request

KEY = "sk-very-secret-0123456789"
QUICK = Limits(connect_s=2.0, first_token_s=0.6, stall_s=0.6, total_s=4.0)
"""Short enough for tests, long enough that a loaded machine does not trip over them by chance."""
NOON = datetime(2026, 1, 2, 12, 0, 0, 123_000, tzinfo=UTC)


class Verdict(BaseModel):
    """A small form to fill in."""

    validating: int = Field(ge=1, le=5)
    quotes: list[str] = []


def question(role: ModelRole = ModelRole.SEEKER, **parameters: float | int | str) -> Request:
    prompt = Prompt(
        version="seeker/1",
        hash="0123456789ab",
        messages=(PromptMessage("system", "You lost your job."), PromptMessage("user", "How was your week?")),
    )
    return Request(role=role, subject=None, prompt=prompt, parameters=parameters, purpose="dialogue-7")


@asynccontextmanager
async def call() -> AsyncIterator[Running]:
    """A call that nothing holds up and nobody writes down, for a provider that is asked without the door."""
    label = Label(model="openai:first", prompt_version="seeker/1", prompt_hash="0123456789ab")
    yield Running(request=question(), label=label, number=1, started_at=NOON, began_s=0.0)


def openai_at(base_url: str, *, limits: Limits = QUICK) -> OpenAIProvider:
    return OpenAIProvider(base_url=base_url, api_key=SecretStr(KEY), limits=limits)


def choice(model: str, provider: str = "openai", **parameters: float | int | str) -> ModelChoice:
    return ModelChoice(provider=provider, model=model, parameters=parameters)


class Door:
    """`Models` with everything outside it replaced: no time passes, chance is fixed, attempts are kept."""

    def __init__(
        self, provider: Provider, *choices: ModelChoice, role: ModelRole = ModelRole.SEEKER, **settings: object
    ) -> None:
        self.ledger = InMemoryLedger()
        self.waits: list[float] = []
        draw: Callable[[], float] = lambda: 1.0  # noqa: E731 - the longest pause of every draw
        self.models = Models(
            providers={provider.name: provider},
            choices={role: choices or (choice("first", provider.name),)},
            ledger=self.ledger,
            now=lambda: NOON,
            sleep=self._sleep,
            draw=draw,
            **settings,  # type: ignore[arg-type]
        )

    @property
    def outcomes(self) -> list[str]:
        return [attempt.outcome for attempt in self.ledger.attempts]

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
