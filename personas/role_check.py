"""Whether what the seeker says stays in its role: pure checks of a sentence and of a whole reply (LE-41, LE-43)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from core.words import straight
from personas.persona import ADULT, Persona
from personas.words import is_other_language

FEWEST_SENTENCES = 2
MOST_SENTENCES = 3
LONGEST_SENTENCE = 60
"""Words; people in a chat do not write longer sentences."""


class RoleBreak(StrEnum):
    """How a reply can leave the seeker's role or its form."""

    TURNS_HELPER = "turns_helper"
    GIVES_ADVICE = "gives_advice"
    REVEALS_INSTRUCTIONS = "reveals_instructions"
    SPEAKS_FOR_OTHER = "speaks_for_other"
    CONTRADICTS_FACTS = "contradicts_facts"
    MARKUP = "markup"
    OTHER_LANGUAGE = "other_language"
    OVERLONG_SENTENCE = "overlong_sentence"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


def _any_of(*patterns: str) -> re.Pattern[str]:
    """For text in lower case: a pattern that has to look at two cases takes several times as long."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.MULTILINE)


_HELPER = _any_of(
    r"\b(?:how|what) (?:can|could|may) i (?:do to )?(?:help|assist|support|do for) you\b",
    r"\bi(?:'m| am|'ll be| will be) (?:always )?here (?:for you|to (?:help|listen|support|assist))",
    r"\bi(?:'m| am) (?:happy|glad|ready) to (?:help|listen|assist|support)",
    r"\bi can (?:help|assist|support) you\b",
    r"\b(?:is there )?anything (?:else )?i can (?:do|help) (?:for you|you)\b",
    r"\bhow (?:are|do) you (?:feel|feeling)\b|\bhow does that make you feel\b|\bhow can i be there for you\b",
    r"\bwould you like (?:me )?to (?:talk|share|tell|help|explore)",
    r"\btell me more about (?:what|how|your|you)\b",
    r"\byour (?:feelings|emotions) are (?:completely |totally |so )?valid\b",
    r"\bit sounds like you(?:'re| are|'ve| have)\b",
    r"\bit(?:'s| is) (?:okay|ok|understandable|normal) (?:for you )?(?:that you|to feel that way)\b",
    r"\bi(?:'m| am) (?:so |really )?sorry you(?:'re| are) (?:going through|feeling|dealing)",
    r"\bfeel free to (?:share|ask|reach|talk|let)",
)
_STEP = (
    r"(?:try|talk|speak|ask|consider|start|reach|take|make|find|look|think about|focus|write|go|join|apply|seek|get|"
    r"let|give|keep|remember|practi[sc]e|update|contact|see a|be kind|set|reflect|rest)\b"
)
_ADVICE = _any_of(
    rf"\byou (?:should|could|might want to|may want to|need to|ought to|have to|can(?: always)?) {_STEP}",
    r"\bhave you (?:tried|considered|thought (?:about|of))\b|\bwhy don't you\b|\bhow about you\b",
    r"\b(?:i(?:'d| would)? (?:suggest|recommend|advise)|my advice)\b",
    r"\bif i were you\b|\bthe best thing (?:you can|to) do is\b|\bmake sure (?:you|to)\b",
    r"^(?:try|remember(?! when)|focus|reach out|take (?:it|a|some)|don't forget)\b.*\b(?:you|your|yourself)\b",
    r"^(?:try to|consider|remember to|start by|be sure to)\b",
    r"\bit(?:'s| is) important (?:that you|to)\b|\bhere are (?:some|a few|three|\d)\b",
)
_PROGRAM = (
    r"(?:ai|a\.i\.|(?:large )?language model|llm|chat ?bot|bot|virtual assistant|assistant|artificial intelligence|"
    r"computer program)\b"
)
_INSTRUCTIONS = _any_of(
    rf"\b(?:as|being|i(?:'m| am)(?: just| only)?) an? (?:\w+ )?{_PROGRAM}",
    r"\b(?:language model|openai|chat ?gpt|gpt-?\d|anthropic|system (?:prompt|message)|(?:my|the|this) prompt)\b",
    r"\bmy (?:instructions|guidelines|programming|training data|persona)\b",
    r"\bi(?:'m| am| was|'ve been| have been) (?:instructed|programmed|simulated|simulating|"
    r"told to (?:play|pretend to be)|trained (?:on|by)|role-?playing|playing (?:a|the) (?:role|part|character))\b",
    r"\b(?:role-?play(?:ing)?|in this (?:scenario|simulation)|the supporter|the seeker)\b",
    r"\b(?:stay|break)\w* (?:in )?character\b",
    r"\bi (?:can't|cannot|can not) (?:assist|comply|fulfil|fulfill) with\b",
)
_OTHER_SPEAKER = _any_of(
    r"^\W*(?:seeker|supporter|you|me|friend|listener|coach|assistant|system|user|human|role player|them)\s*:",
    r"\b(?:seeker|supporter|assistant|user|human)\s*:",
)
_MARKUP = _any_of(
    r"\*\*|__|`|\|.*\||<\||</?\w+>|\[[^\]]+\]\([^)]*\)|\*\w[^*]*\*",
    r"^\s*#{1,6}\s|^\s*(?:[-*•–]|\d{1,2}[.)])\s+\S",
    r"^\s*[(\[](?:sighs|pauses|cries|tears|looks|nods|smiles)\b",
)

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_AGE = re.compile(
    r"\b(?:i(?:'m| am)|i (?:just )?turned|at the age of|at age)\s+(?:only |already |just |about |now )*"
    r"(?P<age>\d{2}|[a-z]+(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)"
    r"(?=\s*(?:[.,;!?)]|$|(?:and|now|but|so|with|years?)\b))",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(?:[Mm]y name(?:'s| is)|[Cc]all me|[Tt]he name's)\s+(?P<name>[A-Z][a-z]+)\b")
_PLACE = re.compile(
    r"\b[Ii](?:'m| am)? (?:live|lived|living|grew up|work) (?:here )?in (?P<place>[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
)
_JOB = re.compile(
    r"\b(?:i(?:'m| am)|i work(?:ed)? as|i(?:'ve| have) been|as|i was) an? (?P<job>[a-z][a-z -]+)", re.IGNORECASE
)
_JOB_WORD = re.compile(
    r"""\b(?:nurse|teacher|engineer|developer|programmer|lawyer|doctor|physician|accountant|designer|manager|specialist
    |salesperson|waiter|waitress|driver|student|chef|cook|plumber|electrician|carpenter|pilot|scientist|researcher
    |professor|cashier|consultant|analyst|journalist|editor|therapist|counsell?or|psychologist|architect|artist|musician
    |writer|mechanic|farmer|soldier|police\ officer|firefighter|paramedic|pharmacist|dentist|banker|secretary)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def check_sentence(sentence: str, *, persona: Persona) -> tuple[RoleBreak, ...]:
    """The breaks found in one sentence of the seeker of `persona`, in the order of `RoleBreak`."""
    text = straight(sentence)
    lower = text.lower()
    found = {
        RoleBreak.TURNS_HELPER: bool(_HELPER.search(lower)),
        RoleBreak.GIVES_ADVICE: bool(_ADVICE.search(lower.lstrip(" \"'"))),
        RoleBreak.REVEALS_INSTRUCTIONS: bool(_INSTRUCTIONS.search(lower)),
        RoleBreak.SPEAKS_FOR_OTHER: _speaks_for_other(text, persona),
        RoleBreak.CONTRADICTS_FACTS: _contradicts(text, persona),
        RoleBreak.MARKUP: bool(_MARKUP.search(sentence.lower())),
        RoleBreak.OTHER_LANGUAGE: is_other_language(text),
        RoleBreak.OVERLONG_SENTENCE: len(text.split()) > LONGEST_SENTENCE,
    }
    return tuple(kind for kind, is_broken in found.items() if is_broken)


def _speaks_for_other(text: str, persona: Persona) -> bool:
    return bool(_OTHER_SPEAKER.search(text.lower())) or text.lstrip().startswith(f"{persona.name}:")


def _contradicts(text: str, persona: Persona) -> bool:
    folded = text.casefold()
    return (
        bool(persona.never_says and _phrases(persona.never_says).search(folded))
        or any(_is_other_age(match, persona.age) for match in _AGE.finditer(text))
        or any(match["name"] != persona.name for match in _NAME.finditer(text))
        or any(_is_other_job(match["job"], persona) for match in _JOB.finditer(text))
        or any(_is_other_place(match["place"], persona) for match in _PLACE.finditer(text))
    )


@cache
def _phrases(never_says: tuple[str, ...]) -> re.Pattern[str]:
    return _any_of(*(rf"\b{re.escape(phrase.casefold())}\b" for phrase in never_says))


def _is_other_place(said: str, persona: Persona) -> bool:
    """A town of its own; where the persona's is left open (written without a capital), none contradicts it."""
    return persona.place[0].isupper() and said.split()[0] not in persona.place


def _is_other_age(match: re.Match[str], age: int) -> bool:
    said = _number(match["age"].casefold())
    return said is not None and said in ADULT and said != age


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    first, _, second = text.replace("-", " ").partition(" ")
    if first in _TENS:
        return _TENS[first] + (_ONES.index(second) if second in _ONES[:10] else 0)
    return _ONES.index(first) if first in _ONES else None


def _is_other_job(said: str, persona: Persona) -> bool:
    job = persona.job.casefold()
    named = _JOB_WORD.findall(said.split(" who ")[0])
    return bool(named) and not any(word.casefold() in job for word in named)
