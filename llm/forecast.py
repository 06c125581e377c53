"""What calls will probably cost, told before the first of them is made."""

from __future__ import annotations

from dataclasses import dataclass

from core.count import counted
from core.money import dollars
from llm.prices import Price, PriceList
from llm.reply import Usage
from llm.request import Prompt

CHARS_PER_TOKEN = 4
"""Of English, within about 20 % (docs/scaling.md)."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Calls to one model, with tokens estimated by characters."""

    model: str
    """`provider:model`."""
    calls: int
    prompt_tokens: int
    """Of all calls together, like `completion_tokens`."""
    completion_tokens: int
    usd: float | None
    """US dollars of all calls; None where the price is unknown, which is not zero."""
    price: Price | None

    @property
    def call_usd(self) -> float | None:
        """US dollars of one call on average; None where the price is unknown."""
        return self.usd if self.usd is None or not self.calls else self.usd / self.calls

    @property
    def is_free(self) -> bool:
        return self.usd == 0 or self.calls == 0

    def __str__(self) -> str:
        """One line for people."""
        if not self.calls:
            return f"{self.model}: nothing to ask"
        tokens = f"{self.prompt_tokens:,} tokens asked and {self.completion_tokens:,} answered"
        told = f"{self.model}: {counted(self.calls, 'call')}, about {tokens}"
        if self.usd is None or self.price is None:
            return f"{told}; cost unknown, no price is listed for it (LENDANEAR_PRICES names a list)"
        if self.is_free:
            return f"{told}; free"
        return f"{told}; about {dollars(self.usd)} by prices of {self.price.as_of}"


def forecast(model: str, prices: PriceList, *, calls: int, asked_chars: float, answered_chars: float) -> Forecast:
    """The forecast for `calls` of `model`; characters are those of one call on average, schema included."""
    asked = round(calls * asked_chars / CHARS_PER_TOKEN)
    answered = round(calls * answered_chars / CHARS_PER_TOKEN)
    cost = prices.cost(model, Usage(prompt_tokens=asked, completion_tokens=answered))
    return Forecast(
        model=model,
        calls=calls,
        prompt_tokens=asked,
        completion_tokens=answered,
        usd=cost.usd,
        price=cost.price,
    )


def prompt_chars(prompt: Prompt) -> int:
    """Characters of a rendered prompt."""
    return sum(len(message.content) for message in prompt.messages)
