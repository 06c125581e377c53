"""Who takes part in an arena: the supporters by name, and which of them meet in which session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import TypeVar

from core.errors import Unusable
from llm.models import ModelChoice
from llm.request import ModelRole
from llm.settings import parse_choices

T = TypeVar("T")
_SKILL = "@"


@dataclass(frozen=True, slots=True)
class Seat:
    """A supporter: a model with the skill that its prompt asks for, 0 to 1."""

    name: str
    """`provider:model`, or `provider:model@skill` where a skill was named."""
    choices: tuple[ModelChoice, ...]
    skill: float


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation to be held."""

    id: str
    """Says nothing of who takes part."""
    scenario: str
    supporters: tuple[str, ...]
    """One, or two whose replies stand beside one another at every turn."""


def read_seat(text: str) -> Seat:
    """The supporter in `openai:gpt-4o` or `rules@0.2`; without a skill it listens as well as it can.

    Raises `Unusable`.
    """
    model, named, skill = text.partition(_SKILL)
    choices = parse_choices(model, name="--supporter", role=ModelRole.SUPPORTER)
    name = str(choices[0])
    if not named:
        return Seat(name, choices, skill=1.0)
    try:
        value = float(skill)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Unusable(f"--supporter {text}: a skill is between 0 and 1, as in {model}@0.5")
    return Seat(f"{name}{_SKILL}{value:g}", choices, skill=value)


def read_seats(texts: Sequence[str], *, in_pairs: bool) -> list[Seat]:
    """The supporters, each once. Raises `Unusable`."""
    seats = [read_seat(text) for text in texts]
    names = [seat.name for seat in seats]
    if len(set(names)) < len(names):
        raise Unusable(f"--supporter names {max(names, key=names.count)} twice")
    if in_pairs and len(seats) < 2:
        raise Unusable("to choose between replies, name two supporters or more, each with --supporter")
    return seats


def plan(names: Sequence[str], scenarios: Sequence[str], *, sessions: int, seed: int, in_pairs: bool) -> list[Session]:
    """The sessions, drawn from the seed: supporters, or pairs of them, and scenarios each come about equally often.

    Both are dealt in blocks of their own in which everyone comes once, so that nobody can tell who is next, and more
    sessions begin with the same ones.
    """
    groups = list(combinations(names, 2)) if in_pairs else [(name,) for name in names]
    who = _dealt(groups, sessions, Random(f"{seed}/who"))  # noqa: S311 - a drawn order, no secret
    where = _dealt(scenarios, sessions, Random(f"{seed}/where"))  # noqa: S311
    return [
        Session(f"s{number:04d}", scenario=scenario, supporters=group)
        for number, (group, scenario) in enumerate(zip(who, where, strict=True), start=1)
    ]


def _dealt(values: Sequence[T], number: int, draw: Random) -> list[T]:
    dealt: list[T] = []
    while len(dealt) < number:
        dealt += draw.sample(list(values), len(values))
    return dealt[:number]
