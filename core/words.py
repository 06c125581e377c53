"""Words of what people type: apostrophes made straight, and stems to compare by."""

from __future__ import annotations

from functools import lru_cache

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′`´", "'"))
_ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "ly", "s")
_SHORT = {"doing": "do", "going": "go", "being": "be", "dying": "die", "lying": "lie", "moved": "mov"}


def straight(text: str) -> str:
    """`text` with a straight apostrophe for whatever people type as one; letter for letter as long as before."""
    return text.translate(_APOSTROPHES)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """`feelings`, `feeling` and `feels` give `feel`; crude, and the same for both sides of a comparison.

    `word` in lower case, with straight apostrophes.
    """
    word = word.removesuffix("'s").replace("'", "")
    if word in _SHORT:
        return _SHORT[word]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + ("y" if ending in ("ies", "ied") else "")
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word
