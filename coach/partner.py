"""What the partner told, turned round so that the supporter could give it back in the second person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from coach.feelings import HARD, feelings_in, plain
from core.sentences import sentences
from core.words import straight

_MOST_WORDS = 15
_FEWEST_WORDS = 3
_BREAK = re.compile(
    r"[,;:!?()\"“”…—–]|\.\.+|\s-\s|\.$|\s+(?=(?:but|because|since|although|though|especially|even though|so (?:i|it)|"
    r"and (?:i|i'm|i've|it|it's|now|then|that|the|my|they)|or (?:if|maybe))\b)",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:but|and|so|like|or|because|well|yeah|yes|no|honestly|i mean|i guess|though) )+(?=\S)", re.IGNORECASE
)
_ADVERB = (
    r"(?:just |so |really |still |also |all |a bit |a little |very |pretty |such |honestly |kind of |kinda |mostly |"
    r"completely |totally |constantly |always |incredibly |extremely )*"
)
_DRAINING = (
    r"(?:frustrating|disheartening|demorali[sz]ing|discouraging|disappointing|overwhelming|scary|frightening|terrifying|worrying|devastating|"
    r"heartbreaking|painful|lonely|exhausting|draining|confusing|shocking|daunting|upsetting|humiliating|stressful|unsettling|weird|strange|surreal)"
)
_FELT = (
    r"worried|scared|afraid|terrified|anxious|nervous|tired|exhausted|sick|guilty|sad|angry|frustrated|torn|stuck|lost|overwhelmed|ashamed|"
    r"embarrassed|drained|stressed|upset|disappointed|heartbroken|discouraged|devastated|confused|uncertain|unsure|numb|hurt"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """The part of a message that is most worth giving back."""

    fragment: str | None
    """The partner's own words, as they stand in the message."""
    reflection: str | None
    """The same turned to the second person, as the start of a line: "It sounds as if …"; None when nothing fits."""
    feeling: str | None
    """A feeling the message speaks of, as it stands after "you feel"."""


def hear(text: str) -> Heard:
    """What to give back of the partner's message `text`: the particular that says most about how they are."""
    feelings = feelings_in(text)
    found = [candidate for part in _parts(text) for candidate in _candidates(part)]
    if not found:
        return Heard(fragment=_short_part(text), reflection=None, feeling=feelings[0] if feelings else None)
    best = max(found, key=lambda candidate: candidate.weight)
    return Heard(fragment=best.fragment, reflection=best.reflection, feeling=feelings[0] if feelings else None)


def to_second_person(text: str) -> str:
    """`text` as its speaker would be told it: "I lost my way" becomes "you lost your way"."""
    turned = straight(text)
    for pattern, replacement in _TURNS:
        turned = re.sub(pattern, replacement, turned, flags=re.IGNORECASE)
    return turned


_TURNS = (
    (r"\b(?:am i|was i)\b", "you are"),
    (r"\b(?:i|we) (just |still |also |never |always |really |only )?was\b", r"you \1were"),
    (r"\bi wasn't\b", "you weren't"),
    (r"\bi (just |still |also |never |always |really |only )?am\b", r"you \1are"),
    (r"\b(?:i|we)'m\b|\bwe're\b", "you're"),
    (r"\b(?:i|we)'(ve|ll|d)\b", r"you'\1"),
    (r"\b(?:i|we|me|us)\b", "you"),
    (r"\b(?:my|our)\b", "your"),
    (r"\b(?:mine|ours)\b", "yours"),
    (r"\b(?:myself|ourselves)\b", "yourself"),
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    fragment: str
    reflection: str
    weight: float


def _as_if(match: re.Match[str]) -> str:
    rest = to_second_person(match["rest"])
    if re.match(r"(?:a|an|such|the|another)\b", rest, re.IGNORECASE) and not re.search(
        r"\b(?:is|are|was|were|has|had|have|been|isn't|being)\b", rest
    ):
        return f"that must feel like {rest}"
    return f"it sounds as if {rest}"


def _hard_to(match: re.Match[str]) -> str:
    how = "like a lot" if match["felt"].lower() == "a lot" else match["felt"].lower()
    return f"it sounds {how} {match['link'].lower()} {to_second_person(match['rest'])}"


def _felt(match: re.Match[str]) -> str:
    return f"you sound {match['felt'].lower()} {match['link'].lower()} {to_second_person(match['rest'])}"


def _it_sounds_like(start: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"it sounds like {start}{to_second_person(match['rest'])}"


def _so(start: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"so {start}{to_second_person(match['rest'])}"


_SHAPES: tuple[tuple[float, Callable[[re.Match[str]], str], str], ...] = (
    (
        4,
        _felt,
        rf"\b(?:i'm|i am|i feel|i've been|i felt|been feeling|i'm feeling|leaves me|left me) {_ADVERB}(?:feeling )?"
        rf"(?P<felt>{_FELT}) (?P<link>about|that|of|by|between|from|for|at) (?P<rest>.+)",
    ),
    (
        3.5,
        _hard_to,
        rf"\bit(?:'s| is|'s been| has been|s) {_ADVERB}(?P<felt>{HARD}|{_DRAINING}) "
        r"(?P<link>to|not to|when|that|knowing|not knowing|seeing|trying to|watching|thinking) (?P<rest>.+)",
    ),
    (
        3.5,
        _it_sounds_like("the "),
        r"\bthe (?P<rest>(?:idea|thought) of .+? (?:is|feels|seems|scares|terrifies|makes) .+)",
    ),
    (
        3,
        _as_if,
        r"\b(?:i|it|i'm|everything|this|that|life)(?:'s)?(?: just| all| still| also| really| almost)* "
        r"(?:feel|feels|feeling|felt(?! like (?:a natural|i was a|i had a|the right))) "
        rf"{_ADVERB}(?:like|as if|as though) (?P<rest>.+)",
    ),
    (3, _it_sounds_like("you "), r"\bi (?:just )?(?P<rest>(?:keep|kept) \w+ing .+)"),
    (2.6, _as_if, r"\b(?:it|that)(?:'s| is|'s just| is just) (?:like|as if|as though) (?P<rest>.+)"),
    (
        2.6,
        _it_sounds_like("you "),
        r"\bi (?:just |still |really )?(?P<rest>(?:can't|cannot|don't know|couldn't|never|worry|fear|doubt|wonder|miss|"
        r"struggle|dread) .+)",
    ),
    (2.3, _it_sounds_like("you wish "), r"\bi (?:just |really |only )?wish (?P<rest>.+)"),
    (2.4, _it_sounds_like("you "), r"\bi (?:just |still |really )?(?P<rest>feel (?!like|as if|as though|that).+)"),
    (
        2,
        _it_sounds_like("you are "),
        r"\b(?:i'm|i am) (?:just |still )?(?P<rest>(?:on|in|at|so|barely|falling|drowning|going|trying|"
        r"struggling|supposed|afraid|scared|not sure|running|"
        r"losing|carrying|failing|stuck) .+)",
    ),
    (
        2,
        _so(""),
        r"^(?P<rest>my (?:\w+ ){1,3}(?:is|was|are|were|has|had|keeps|looked|got|died|said|never|doesn't|"
        r"didn't|won't) .+)",
    ),
    (
        1.6,
        _so("you "),
        r"\bi (?:just |really |already |even )?(?P<rest>(?:lost|got|found out|missed|spent|put|gave|worked|invested|"
        r"saw|knew|thought|had|lose|work|froze|went|used to|have to|gave up|trained) .+)",
    ),
)
"""What a stretch must look like to be given back, how much that says, and how it is given back."""
_UNFIT = re.compile(r"\b(?:you|your|you're|appreciate|thank|thanks|helps)\b")


def _parts(text: str) -> Iterator[str]:
    """The stretches of a message between its breaks, as they stand in it."""
    for sentence in sentences(text):
        start = 0
        for cut in [*(m.span() for m in _BREAK.finditer(sentence)), (len(sentence), len(sentence))]:
            part = _LEADING.sub("", sentence[start : cut[0]].strip(" .*"))
            if len(part.split()) >= _FEWEST_WORDS:
                yield part
            start = cut[1]


def _candidates(part: str) -> Iterator[_Candidate]:
    lower = plain(part)
    if _UNFIT.search(lower):
        return
    for base, build, pattern in _SHAPES:
        match = re.search(pattern, straight(part), re.IGNORECASE)
        if match is None or not _FEWEST_WORDS - 1 <= len(match["rest"].split()) <= _MOST_WORDS:
            continue
        vague = bool(re.match(r"(?:it|this|that|those|these|they|there|he|she)\b", match["rest"], re.IGNORECASE))
        weight = (
            base + 0.15 * min(len(match["rest"].split()), 8) + (0.5 if feelings_in(part) else 0) - (1.5 if vague else 0)
        )
        yield _Candidate(fragment=part, reflection=build(match), weight=weight)


def _short_part(text: str) -> str | None:
    """The longest stretch of `text` that is short enough to quote."""
    parts = [part for part in _parts(text) if len(part.split()) <= _MOST_WORDS and not _UNFIT.search(plain(part))]
    return max(parts, key=len, default=None)
