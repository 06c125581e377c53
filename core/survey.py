"""Surveys: their items, and what counts as an answer to one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from core.errors import InvalidAnswer
from core.located import misplaced
from core.strict import Identifier, Strict
from core.text import is_storable

MAX_TEXT = 5_000
"""Characters that a text answer may have."""


class ItemKind(StrEnum):
    LIKERT = "likert"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    CHECKBOX = "checkbox"


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a bare yes or no is a truth value in YAML, and would be stored as 1 or 0: quote it")
    return value


class Option(Strict):
    """One possible answer of a likert or choice item."""

    value: Annotated[int | str, BeforeValidator(_no_truth_value)]
    label: str


class Item(Strict):
    """One question of a survey."""

    id: Identifier
    instrument: Identifier
    """The scale or block that the answer belongs to in the export."""
    text: str
    kind: ItemKind
    options: tuple[Option, ...] = ()
    required: bool = True
    hint: str = ""
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    paraphrase: bool = False
    """The wording is ours; licensed wording goes in its place (C-18)."""

    @model_validator(mode="after")
    def _options_fit_the_kind(self) -> Item:
        chosen = self.kind in (ItemKind.LIKERT, ItemKind.CHOICE)
        if chosen and len(self.options) < 2:
            raise ValueError(f"the {self.kind} item {self.id} needs two options or more")
        if not chosen and self.options:
            raise ValueError(f"the {self.kind} item {self.id} cannot have options")
        values = [str(option.value) for option in self.options]
        if len(set(values)) != len(values):
            raise ValueError(f"two options of {self.id} have the same value")
        return self


class Section(Strict):
    """Items that stand under one heading and may share their options."""

    title: str = ""
    intro: str = ""
    items: tuple[Item, ...]


class Survey(Strict):
    """A survey: one page of items in sections."""

    title: str
    intro: str = ""
    sections: tuple[Section, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Survey:
        seen: set[str] = set()
        faults: list[tuple[tuple[str | int, ...], str]] = []
        for s, section in enumerate(self.sections):
            for i, item in enumerate(section.items):
                if item.id in seen:
                    faults.append((("sections", s, "items", i, "id"), f"two items have the id {item.id}"))
                seen.add(item.id)
        if faults:
            raise misplaced(faults)
        return self


def check_answers(survey: Survey, answers: Mapping[str, object]) -> dict[str, str]:
    """The answers as they are stored, by item id, in the survey's order; items left blank are absent.

    Raises `InvalidAnswer` naming the first item whose answer is missing, of the wrong kind or out of range, or the id
    that belongs to no item.
    """
    known = {item.id for item in survey.items}
    for item_id in answers:
        if item_id not in known:
            raise InvalidAnswer(f"There is no question called {item_id[:64]!r} here.", item=item_id[:64])
    checked: dict[str, str] = {}
    for item in survey.items:
        value = _check_answer(item, answers.get(item.id))
        if value is not None:
            checked[item.id] = value
    return checked


def _check_answer(item: Item, answer: object) -> str | None:
    if item.kind is ItemKind.CHECKBOX:
        return _check_tick(item, answer)
    if answer is None or (isinstance(answer, str) and not answer.strip()):
        if item.required:
            raise InvalidAnswer("Please answer this question.", item=item.id)
        return None
    if item.options:
        return _check_option(item, answer)
    if item.kind is ItemKind.NUMBER:
        return _check_number(item, answer)
    return _check_text(item, answer)


def _check_tick(item: Item, answer: object) -> str:
    ticked = {True: "true", "true": "true", False: "false", "false": "false", None: "false"}.get(
        answer if isinstance(answer, bool | str | None) else "?"
    )
    if ticked is None:
        raise InvalidAnswer("This can only be ticked or left open.", item=item.id)
    if item.required and ticked == "false":
        raise InvalidAnswer("Please tick this box to go on.", item=item.id)
    return ticked


def _check_option(item: Item, answer: object) -> str:
    if isinstance(answer, bool) or not isinstance(answer, int | str):
        raise InvalidAnswer("Please choose one of the answers shown.", item=item.id)
    for option in item.options:
        if str(option.value) == str(answer):
            return str(option.value)
    raise InvalidAnswer("Please choose one of the answers shown.", item=item.id)


def _check_number(item: Item, answer: object) -> str:
    try:
        if isinstance(answer, bool) or not isinstance(answer, int | float | str):
            raise ValueError
        number = float(answer)
        if number != number or number in (float("inf"), float("-inf")):
            raise ValueError
    except (ValueError, OverflowError):
        raise InvalidAnswer("Please enter a number.", item=item.id) from None
    if (item.minimum is not None and number < item.minimum) or (item.maximum is not None and number > item.maximum):
        raise InvalidAnswer(f"Please enter a number {_range(item)}.", item=item.id)
    return str(int(number)) if number.is_integer() else str(number)


def _range(item: Item) -> str:
    if item.minimum is None:
        return f"up to {item.maximum:g}"
    if item.maximum is None:
        return f"from {item.minimum:g}"
    return f"from {item.minimum:g} to {item.maximum:g}"


def _check_text(item: Item, answer: object) -> str:
    if not isinstance(answer, str):
        raise InvalidAnswer("Please answer in words.", item=item.id)
    text = answer.strip()
    if not is_storable(text):
        raise InvalidAnswer("This answer holds a character that cannot be kept. Please type it anew.", item=item.id)
    if len(text) > MAX_TEXT:
        raise InvalidAnswer(
            f"This answer has {len(text):,} characters; {MAX_TEXT:,} is the most we can keep. Please shorten it.",
            item=item.id,
        )
    return text
