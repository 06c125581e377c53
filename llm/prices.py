"""What a call cost, and how far that figure can be trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from core.errors import Unusable
from core.written import read_written
from llm.reply import Usage

PER = 1_000_000
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class Certainty(StrEnum):
    """Where the figure of a cost comes from."""

    REPORTED = "reported"
    """The provider or a gateway said it with the answer."""
    LISTED = "listed"
    """Counted tokens times a listed price."""
    UNKNOWN = "unknown"
    """No price, or no count of tokens: the cost is missing, not zero."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, with the day and the place where they were read."""

    input: float
    output: float
    cached_input: float | None
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars of one call; `usd` is None exactly when `certainty` is unknown."""

    usd: float | None
    certainty: Certainty
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by `provider:model`."""

    prices: Mapping[str, Price]

    def price(self, model: str) -> Price | None:
        """The price of `provider:model`, that of its family for a dated name; None when neither is listed."""
        return self.prices.get(model) or self.prices.get(_DATED.sub("", model))

    def cost(self, model: str, usage: Usage | None) -> Cost:
        """What a call of `model` cost: as reported, else as listed, else unknown."""
        price = self.price(model)
        if usage is not None and usage.cost_usd is not None:
            return Cost(usd=usage.cost_usd, certainty=Certainty.REPORTED)
        if price is not None and price.input == price.output == 0:
            return Cost(usd=0.0, certainty=Certainty.LISTED, price=price)
        if price is None or usage is None or not _is_counted(usage, price):
            return Cost(usd=None, certainty=Certainty.UNKNOWN, price=price)
        return Cost(usd=_listed(price, usage), certainty=Certainty.LISTED, price=price)

    def only(self, provider: str) -> PriceList:
        """The prices of one provider alone."""
        return PriceList({name: price for name, price in self.prices.items() if name.startswith(f"{provider}:")})


@cache
def shipped_prices() -> PriceList:
    """The list that comes with the program."""
    return _parse(files("llm").joinpath("prices.yaml").read_text(encoding="utf-8"), where="prices.yaml")


def read_prices(path: Path) -> PriceList:
    """A list of one's own in the same form; raises `Unusable` for a file that is none."""
    try:
        text = read_written(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path}: the price list cannot be read ({error})") from None
    return _parse(text, where=str(path))


def _parse(text: str, *, where: str) -> PriceList:
    try:
        raw = yaml.safe_load(text)
        read_on = {"as_of": str(raw["as_of"]), "source": str(raw["source"])}
        return PriceList({str(name): _price(entry, read_on) for name, entry in raw["models"].items()})
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unusable(f"{where}: not a price list with `as_of`, `source` and `models` ({error})") from None


def _price(entry: Mapping[str, Any], read_on: Mapping[str, str]) -> Price:
    cached = entry.get("cached_input")
    return Price(
        input=float(entry["input"]),
        output=float(entry["output"]),
        cached_input=None if cached is None else float(cached),
        **read_on,
    )


def _is_counted(usage: Usage, price: Price) -> bool:
    """Whether all that has a price was counted; an embedding has no completion."""
    return usage.prompt_tokens is not None and (usage.completion_tokens is not None or price.output == 0)


def _listed(price: Price, usage: Usage) -> float:
    prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
    cached = min(usage.cached_tokens or 0, prompt) if price.cached_input is not None else 0
    return ((prompt - cached) * price.input + cached * (price.cached_input or 0) + completion * price.output) / PER
