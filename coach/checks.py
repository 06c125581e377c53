"""What the coach's words must keep to, checked in code after a model has written them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from coach.framework import CoachingFramework
from coach.sentence_count import printed_sentences


class Violation(StrEnum):
    """A rule that a feedback or an answer breaks; its value is stored."""

    TOO_MANY_SENTENCES = "too_many_sentences"
    NO_QUOTE = "no_quote"
    QUOTE_NOT_FOUND = "quote_not_found"
    FORBIDDEN_PHRASE = "forbidden_phrase"
    SCOLDING = "scolding"
    NO_STRENGTH_FIRST = "no_strength_first"
    NOT_SECOND_PERSON = "not_second_person"
    PARTNER_NOT_NAMED = "partner_not_named"
    NAME_AS_ADDRESS = "name_as_address"
    NO_SUGGESTION = "no_suggestion"
    ADVICE_POINT_MISSING = "advice_point_missing"


WHAT_TO_MEND = {
    Violation.TOO_MANY_SENTENCES: "The text has more sentences than allowed.",
    Violation.NO_QUOTE: "The text quotes none of the supporter's lines, letter for letter, between quotation marks.",
    Violation.QUOTE_NOT_FOUND: "A quote is listed that stands in none of the supporter's messages.",
    Violation.FORBIDDEN_PHRASE: "The text speaks of empathy as such; name a concrete move instead.",
    Violation.SCOLDING: "The text scolds; say it kindly.",
    Violation.NO_STRENGTH_FIRST: "The first sentence must name something that went well.",
    Violation.NOT_SECOND_PERSON: "Address the supporter as you.",
    Violation.PARTNER_NOT_NAMED: "Call the other person the conversational partner.",
    Violation.NAME_AS_ADDRESS: "Do not address anybody by name.",
    Violation.NO_SUGGESTION: "Give at least one suggestion, each with its reason.",
    Violation.ADVICE_POINT_MISSING: (
        "The supporter gave advice unasked: say that advice comes only after permission, and that the goal is to"
        " support the partner and not to fix the problem."
    ),
}

_SECOND_PERSON = re.compile(r"\byou(?:r|rs|rself|['’](?:re|ve|ll|d))?\b", re.IGNORECASE)
_PARTNER = re.compile(r"\bconversational partner\b", re.IGNORECASE)
_TURNS_AGAINST = re.compile(
    r"^\W*(?:however|but|unfortunately|sadly|instead|you (?:did not|didn['’]t|should|failed))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a feedback is checked against."""

    most_sentences: int
    advice_was_given: bool
    partner_name: str | None = None


def text_violations(text: str, *, facts: Facts, framework: CoachingFramework) -> tuple[Violation, ...]:
    """The rules that the prose of a feedback breaks; those about its quotes are checked where the quotes are found."""
    parts = printed_sentences(text)
    checks = {
        Violation.TOO_MANY_SENTENCES: len(parts) > facts.most_sentences,
        Violation.FORBIDDEN_PHRASE: has_phrase(text, framework.never_say),
        Violation.SCOLDING: has_phrase(text, framework.scolding),
        Violation.NO_STRENGTH_FIRST: not parts or not _opens_with_strength(parts[0], framework),
        Violation.NOT_SECOND_PERSON: not _SECOND_PERSON.search(text),
        Violation.PARTNER_NOT_NAMED: not _PARTNER.search(text),
        Violation.NAME_AS_ADDRESS: facts.partner_name is not None and addresses(text, facts.partner_name),
        Violation.ADVICE_POINT_MISSING: facts.advice_was_given and not makes_advice_point(text, framework),
    }
    return tuple(violation for violation, broken in checks.items() if broken)


def has_phrase(text: str, phrases: Iterable[str]) -> bool:
    """Whether one of `phrases` stands in `text` as whole words, whatever the case and white space."""
    words = " ".join(re.findall(r"[\w'’]+", text.lower()))
    return any(f" {phrase.lower()} " in f" {words} " for phrase in phrases)


def makes_advice_point(text: str, framework: CoachingFramework) -> bool:
    """Whether both halves of the point about advice are made: permission, and a goal that is not to fix things."""
    lower = text.lower()
    point = framework.advice_point
    return any(w in lower for w in point.permission_words) and any(w in lower for w in point.goal_words)


def addresses(text: str, name: str) -> bool:
    """Whether `text` speaks to somebody by `name`, as in "Emily, you …" or "Well done, Emily."."""
    called = re.escape(name)
    return bool(
        re.search(rf"(?:^|[.!?]\s+|\b(?:hi|hello|dear)\s+){called}\s*[,!:]|,\s*{called}\s*[.!?,]", text, re.IGNORECASE)
    )


def without_sentences(text: str, phrases: Iterable[str]) -> str:
    """`text` without the sentences in which one of `phrases` stands."""
    wanted = tuple(phrases)
    return " ".join(part for part in printed_sentences(text) if not has_phrase(part, wanted))


def _opens_with_strength(sentence: str, framework: CoachingFramework) -> bool:
    return has_phrase(sentence, framework.opening_words) and not _TURNS_AGAINST.search(sentence)
