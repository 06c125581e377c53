"""Feelings by name: which words mean the same one, and which of them a supporter's message puts a name to."""

from __future__ import annotations

import re

_GROUPS = {
    "scared": "scared scary afraid frightened frightening terrified terrifying fearful fear",
    "anxious": "anxious anxiety worried worrying nervous uneasy",
    "overwhelmed": "overwhelmed overwhelming overloaded swamped",
    "exhausted": "exhausted exhausting exhaustion tired tiring drained draining weary burned-out burnt-out",
    "frustrated": "frustrated frustrating frustration maddening",
    "angry": "angry anger mad furious annoyed outraged bitter resentful",
    "hurt": "hurt hurts hurting hurtful wounded stings",
    "sad": "sad sadness upset upsetting unhappy miserable sorrowful grieving",
    "heartbroken": "heartbroken heartbreaking heartbreak devastated devastating crushed crushing shattered",
    "shocked": "shocked shocking shock stunned blindsided",
    "disappointed": "disappointed disappointing disappointment",
    "discouraged": "discouraged discouraging disheartened disheartening deflated demoralized demoralizing",
    "lonely": "lonely loneliness isolated isolating",
    "invisible": "invisible unseen overlooked ignored unnoticed",
    "unappreciated": "unappreciated undervalued unrecognized unvalued",
    "ashamed": "ashamed shame embarrassed embarrassing humiliated humiliating",
    "guilty": "guilty guilt",
    "lost": "lost adrift",
    "numb": "numb",
    "stuck": "stuck trapped torn",
    "helpless": "helpless powerless",
    "unsure": "unsure uncertain uncertainty vulnerable insecure",
    "unworthy": "unworthy worthless inadequate",
    "confused": "confused confusing",
    "betrayed": "betrayed betrayal",
    "hopeless": "hopeless despair",
    "empty": "empty emptiness",
    "stressed": "stressed stressful stress",
    "happy": "happy glad cheerful",
    "relieved": "relieved relief",
    "excited": "excited exciting",
    "hopeful": "hopeful optimistic",
    "proud": "proud",
}
ALL_FEELINGS = tuple(_GROUPS)
PLEASANT = frozenset({"happy", "relieved", "excited", "hopeful", "proud"})
_FEELING_OF = {word: feeling for feeling, words in _GROUPS.items() for word in words.split()}
_FEELING = re.compile(rf"\b({'|'.join(sorted(_FEELING_OF, key=len, reverse=True))})\b", re.IGNORECASE)
_ABOUT_SEEKER = re.compile(
    r"\b(?:you|your|you're|youre|u|that|this|it|it's|sounds?|must|how|such)\b|^(?:so |very |really )*\w+[.!?]*$",
    re.IGNORECASE,
)
_NOT_THEIRS = re.compile(
    r"""\b(?:don't|dont|do\ not|never|not|no\ need\ to|shouldn't|stop)\ (?:be|feel|feeling|being|get|so|too)\b
      | ^i\ (?:was|am|feel|felt|got)\b
      | \bi(?:'m|\ was|\ felt|\ feel|\ am)\ (?:so\ |very\ )?(?:sad|scared|proud|glad|happy|shocked|lost|upset)\b
      | \bproud\ of\ you\b
      | \bglad\ (?:to|you|i)\b
      | \byou(?:'ve)?\ lost\b
      | \blost\ (?:your|my|a|the|him|her|someone)\b
      | \blos(?:t|ing)\ (?:\w+\ )?(?:job|dad|father|parent|mom)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE = re.compile(r"[.!?;\n]+|,? but ")


def named_feelings(text: str) -> tuple[str, ...]:
    """The feelings that a message names as the seeker's, as adjectives, each once, in order.

    Feelings of the one who writes, feelings warned against (`don't be sad`) and `you lost your job` are left out.
    """
    found: list[str] = []
    for clause in _CLAUSE.split(text):
        clause = clause.strip()
        if _ABOUT_SEEKER.search(clause) and not _NOT_THEIRS.search(clause):
            found += [_FEELING_OF[match.group(1).casefold()] for match in _FEELING.finditer(clause)]
    return tuple(dict.fromkeys(found))


def feelings_in(text: str) -> tuple[str, ...]:
    """All feelings that a text has a word for, whosever they are, as adjectives, each once, in order."""
    return tuple(dict.fromkeys(_FEELING_OF[match.group(1).casefold()] for match in _FEELING.finditer(text)))


def same_feeling(feeling: str, own: tuple[str, ...]) -> bool:
    """Whether a named feeling is one of a persona's own, by the same word or another for it."""
    return feeling in {_FEELING_OF.get(word.casefold(), word.casefold()) for word in own}
