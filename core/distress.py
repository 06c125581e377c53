"""Recognising words about harming oneself, so that help lines come up in time.

A message is flagged rather once too often than once too seldom: the cost of a false alarm is a short pause.
"""

from __future__ import annotations

import re

from core.words import straight

_PHRASES = re.compile(
    r"""
    \b(?:
        s(?:ui|iu|u)[cs]i?d(?:e|al|el|le)\w*  |  suicied\w*
      | (?:kill?|harm|hurt|hang|shoot|drown|stabb?|unalive)(?:ing?)?\ ?my\ ?(?:self|slef|sef)\b(?!\ in\ the\ foot)
      | cut(?:ting)?\ my\ ?(?:self|slef|sef)\b(?!\ (?:some\ slack|off|short|loose))
      | sl(?:it|itting|ash|ashing)\ my\ (?:own\ )?(?:wrists?|throat)
      | self[\ -]?harm\w*
      | (?:end|ending|take|taking)\ my\ (?:own\ )?life
      | (?<!the\ )(?:end|ending)\ it\ all
      | (?:want|wnat|wann?a|wish|hope|ready|rather)\ (?:(?:to+|2)\ |i\ (?:was|were|could|would)\ )?
        (?:die|be\ dead|dead)\b
      | i(?:'?m|\ am)\ (?:just\ )?(?:going\ to|gonna)\ (?:die|be\ dead)\b
      | better\ off\ (?:dead\b|without\ me\b|if\ i\ (?:was|were)\ (?:dead|gone)\b)
      | (?:don'?t|do\ not|no\ longer|not)\ (?:want\ to+|wann?a)\ (?:live\b|be\ alive|be\ here\ any\ ?more|wake\ up)
      | (?:no|any|the|see\ a)\ (?:reason|point)\ (?:to|in|of)?\ ?(?:live|living|being\ alive)\b
      | (?:nothing|not\ much)\ (?:left\ )?to\ live\ for
      | (?:tired|sick)\ of\ (?:living\b(?!\ (?:in|with|at|here|there))|life\b|being\ alive)
      | jump(?:ing)?\ (?:off|from)\ (?:a|the|that)\ (?:bridge|roof|building|cliff)
      | overdos(?:e|ed|ing)\b
      | (?<!\d)(?<!\d\ )kms\b
    )
    """,
    re.VERBOSE,
)


def speaks_of_self_harm(text: str) -> bool:
    """Whether `text` holds words about ending one's life or hurting oneself, common misspellings included."""
    plain = " ".join(straight(text.casefold()).split())
    return _PHRASES.search(plain) is not None
