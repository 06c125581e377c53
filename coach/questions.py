"""Whether what a supporter wrote to the coach is a question put, so that the gate to the next conversation may open."""

from __future__ import annotations

import re

_FILLER_WORDS = (
    "a ah aha alright cool done fine good got great ha haha hello hey hi hm hmm idk it k kk lol mm mhm my n na next "
    "nice no nope oh ok okay okey perfect right sure test thank thanks thx ty uh uhm um x y ya yay yeah yep yes you yup"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def is_question_put(text: str) -> bool:
    """Whether `text` holds real words (LE-24).

    White space, punctuation, numbers and emoji alone do not count, nor do words that only acknowledge ("ok", "got it",
    "thank you"). Anything else counts, with or without a question mark and in any script.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    return any(word not in _FILLERS for word in words)
