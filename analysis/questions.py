"""What the analysis needs of the answers to the questions it knows by their ids."""

from __future__ import annotations

from analysis.columns import Column
from analysis.dataset_tables import PARTICIPANTS, SCALES
from core.survey import Item, ItemKind

ASSISTANCE = "ai_assistance"
_STATED = {column.name: column for column in PARTICIPANTS.columns if column.name in (ASSISTANCE, "age", "sex")}
"""Answers that have a column of `participants` with values of its own."""


def misfit(item: Item) -> str | None:
    """Why the analysis cannot read the answers to this question, and what mends it; None where it can."""
    if item.id in _STATED:
        reason = _outside(item, _STATED[item.id])
        return reason and f"{reason}: keep to them, or give the question another id"
    if item.instrument in SCALES and not _is_numeric(item):
        return f"answers of the instrument {item.instrument} must be numbers, so that the analysis can add them up"
    return None


def _outside(item: Item, column: Column) -> str | None:
    if not column.values:
        return None if item.kind is ItemKind.NUMBER else f"the answers to `{item.id}` must be of the kind number"
    given = {str(option.value) for option in item.options}
    if given and given <= {*column.values} and (item.id != ASSISTANCE or given == {*column.values}):
        return None
    return f"the analysis knows the values {', '.join(column.values)} of `{item.id}`, and not {_listed(item)}"


def _listed(item: Item) -> str:
    return ", ".join(str(option.value) for option in item.options) or f"those of the kind {item.kind}"


def _is_numeric(item: Item) -> bool:
    if item.kind is ItemKind.NUMBER:
        return True
    return bool(item.options) and all(isinstance(option.value, int) for option in item.options)
