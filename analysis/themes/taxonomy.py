"""The taxonomy's upper levels, read from their file: family, strategy, sub-strategy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

LEVELS = ("family", "strategy", "sub_strategy")


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    key: str
    name: str
    about: str = ""


class SubStrategy(_Node):
    code: str
    only: Literal["personal", "workplace"] | None = None
    """The one kind of trouble it belongs to; None for both."""


class Strategy(_Node):
    code: str
    sub_strategies: tuple[SubStrategy, ...]


class Family(_Node):
    strategies: tuple[Strategy, ...]


class Taxonomy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    families: tuple[Family, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a theme hangs: keys of the three levels above it."""

    family: str
    strategy: str
    sub_strategy: str

    def up_to(self, level: str) -> str:
        """The path from the top down to `level`, by which equal names under different parents stay apart."""
        return "/".join((self.family, self.strategy, self.sub_strategy)[: LEVELS.index(level) + 1])


@cache
def taxonomy() -> Taxonomy:
    """The shipped taxonomy."""
    text = files("analysis.themes").joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    return Taxonomy.model_validate(yaml.safe_load(text))


@cache
def places(trouble_type: str) -> frozenset[Place]:
    """Every place that a theme of this kind of trouble can have."""
    return frozenset(
        Place(family.key, strategy.key, sub.key)
        for family in taxonomy().families
        for strategy in family.strategies
        for sub in strategy.sub_strategies
        if sub.only in (None, trouble_type)
    )


@cache
def names() -> dict[str, str]:
    """path -> name, for every node."""
    found = {}
    for family in taxonomy().families:
        found[family.key] = family.name
        for strategy in family.strategies:
            found[f"{family.key}/{strategy.key}"] = strategy.name
            for sub in strategy.sub_strategies:
                found[f"{family.key}/{strategy.key}/{sub.key}"] = sub.name
    return found
