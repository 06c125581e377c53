"""Words for feelings and hardship, as the rules coach hears them in what people write."""

from __future__ import annotations

import re

from core.words import straight

_FAMILIES = {
    "frustrated": "frustrated frustrating frustration",
    "disheartened": "disheartened disheartening dispirited demoralized demoralizing demoralised demoralising",
    "discouraged": "discouraged discouraging",
    "disappointed": "disappointed disappointing disappointment",
    "let down": "letdown",
    "overwhelmed": "overwhelmed overwhelming",
    "scared": "scared scary frightened frightening terrified terrifying",
    "afraid": "afraid fear fears fearful dread dreading",
    "worried": "worried worry worrying worries",
    "anxious": "anxious anxiety nervous",
    "sad": "sad sadness unhappy",
    "heartbroken": "heartbroken heartbreaking",
    "devastated": "devastated devastating shattered crushed crushing",
    "angry": "angry anger furious mad",
    "resentful": "resentful bitter resentment",
    "hurt": "hurt hurts hurting hurtful painful pain stings sting stung",
    "alone": "alone lonely loneliness isolated isolating",
    "guilty": "guilty guilt",
    "ashamed": "ashamed shame embarrassed humiliated humiliating",
    "exhausted": "exhausted exhausting exhaustion",
    "tired": "tired tiring weary",
    "drained": "drained draining",
    "stuck": "stuck trapped",
    "torn": "torn conflicted",
    "empty": "empty emptiness",
    "numb": "numb detached disconnected",
    "hopeless": "hopeless hopelessness despair",
    "helpless": "helpless powerless",
    "stressed": "stressed stressful stress",
    "unappreciated": "unappreciated undervalued unvalued",
    "overlooked": "overlooked unnoticed",
    "invisible": "invisible unseen unheard",
    "dismissed": "dismissed ignored sidelined",
    "rejected": "rejected rejection unwanted",
    "betrayed": "betrayed betrayal",
    "confused": "confused confusing",
    "unsure": "unsure uncertain insecure uncertainty",
    "shocked": "shocked shock shocking stunned blindsided floored",
    "daunted": "daunted daunting",
    "defeated": "defeated defeating",
    "upset": "upset upsetting",
    "heavy-hearted": "grief grieving grieve mourning sorrow",
    "burnt out": "burnout",
}
_FEELING = {word: feeling for feeling, words in _FAMILIES.items() for word in words.split()}
_LOST = (
    r"\b(?:feel(?:s|ing)?|felt|so|completely|bit)(?: so| really| completely)? lost\b(?! (?:my|the|a|our|his|her|track))"
)
_PHRASES = {
    _LOST: "lost",
    r"\bfeel(?:s|ing)? (?:so |really |pretty )?down\b": "low",
    r"\bburn(?:ed|t) out\b": "burnt out",
    r"\bworn out\b": "worn out",
    r"\blet down\b": "let down",
    r"\bunder (?:so much |a lot of |constant )?pressure\b": "under pressure",
    r"\bleft (?:out|behind)\b": "left behind",
    r"\bpunch (?:to|in) the (?:gut|stomach)\b": "shocked",
    r"\bstretched too thin\b": "stretched too thin",
}
_NEGATED = re.compile(
    r"(?:\bnot|n't|\bnever|\bno longer|\bno|\bwithout|\bstop|\bless)"
    r"(?: (?:be|being|feel|feeling|so|too|to|a|all|that|get|really))*\s*$"
)
_SOMEONE_ELSE = re.compile(r"\b(?:he|she|they|his|her|their|everyone|people|kids?|spouse|boss)\b(?: \w+){0,3}\s*$")

HARD = (
    r"(?:hard|tough|difficult|rough|awful|terrible|horrible|brutal|unfair|bad|sad|heavy|challenging|a lot|unfortunate)"
)
"""Words for hardship that name no particular feeling."""


def feelings_in(text: str, *, own: bool = True) -> list[str]:
    """The feelings that `text` speaks of, in order, each once, as they stand after "you feel".

    Feelings that are denied ("not scared") are left out, and so are other people's when `own`.
    """
    lower = plain(text)
    found: list[tuple[int, str]] = []
    for match in re.finditer(r"[a-z]+", lower):
        feeling = _FEELING.get(match.group())
        if feeling and not _set_aside(lower[: match.start()], own=own):
            found.append((match.start(), feeling))
    for pattern, feeling in _PHRASES.items():
        found += [
            (m.start(), feeling) for m in re.finditer(pattern, lower) if not _set_aside(lower[: m.start()], own=own)
        ]
    return list(dict.fromkeys(feeling for _, feeling in sorted(found)))


def plain(text: str) -> str:
    """`text` in lower case with straight apostrophes, letter for letter as long as before."""
    return straight(text).translate(_LOWER)


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _set_aside(before: str, *, own: bool) -> bool:
    clause = re.split(r"[.,;!?]", before)[-1]
    return bool(_NEGATED.search(clause)) or (own and bool(_SOMEONE_ELSE.search(clause)))
