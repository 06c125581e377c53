"""How conditions, dimensions and terms are written for readers, and stars for p values."""

from __future__ import annotations

from core.dimensions import framework

CONDITION_NAMES = {
    "control": "Control",
    "video": "Video lessons",
    "ai_coach": "AI coach",
    "combined": "Combined",
}
_STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


def measure_name(measure: str) -> str:
    """A dimension's name as the shared framework has it, or `Overall`."""
    names = {str(definition.dimension): definition.name for definition in framework().definitions}
    return names.get(measure, "Overall")


def term_name(term: str) -> str:
    """A model's term in words: `ai_coach:post` is "AI coach × later rounds"."""
    words = " × ".join(_PARTS.get(part, CONDITION_NAMES.get(part, part)) for part in term.split(":"))
    return words[:1].upper() + words[1:]


def stars(p: float | None) -> str:
    """`*` below .05, `**` below .01, `***` below .001 (LE-90); nothing at the bounds themselves or without a p."""
    if p is None:
        return ""
    return next((mark for bound, mark in _STARS if p < bound), "")


_PARTS = {
    "intercept": "Intercept (control, round 1)",
    "post": "later rounds",
    "age": "age",
    "female": "female",
    "baseline": "baseline score (SD)",
}
