"""The six dimensions of empathic communication: their order, kind and one shared definition file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from core.shipped import shipped_yaml


class Dimension(StrEnum):
    """A dimension, in the order in which the contract lists them."""

    ENCOURAGING_ELABORATION = "encouraging_elaboration"
    VALIDATING_EMOTIONS = "validating_emotions"
    DEMONSTRATING_UNDERSTANDING = "demonstrating_understanding"
    ADVICE_GIVING = "advice_giving"
    SELF_ORIENTED = "self_oriented"
    DISMISSING_EMOTIONS = "dismissing_emotions"


DIMENSIONS = tuple(Dimension)
PRESCRIPTIVE = DIMENSIONS[:3]
PROSCRIPTIVE = DIMENSIONS[3:]


@dataclass(frozen=True, slots=True)
class Definition:
    """What one dimension means, in the words that coach and judge are both given."""

    dimension: Dimension
    name: str
    definition: str
    low: str
    """What a 1 looks like."""
    high: str
    """What a 5 looks like."""


@dataclass(frozen=True, slots=True)
class Framework:
    """The definitions of all six dimensions with the version that is stored beside every score."""

    version: str
    definitions: tuple[Definition, ...]

    def __getitem__(self, dimension: Dimension) -> Definition:
        return self.definitions[DIMENSIONS.index(dimension)]


@cache
def framework() -> Framework:
    """The shipped definitions, in contract order."""
    raw = shipped_yaml("core", "dimensions.yaml")
    definitions = {
        entry["id"]: Definition(
            dimension=Dimension(entry["id"]),
            name=entry["name"],
            definition=entry["definition"],
            low=entry["low"],
            high=entry["high"],
        )
        for entry in raw["dimensions"]
    }
    return Framework(version=raw["version"], definitions=tuple(definitions[d] for d in DIMENSIONS))
