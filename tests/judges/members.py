"""Judges without stand-ins, as one of a panel."""

from __future__ import annotations

from judges.criteria import Rubric
from judges.file import Member
from judges.rate import ROLES
from llm.models import Models


def member_of(models: Models, rubric: Rubric) -> Member:
    """The model that plays the judge in `models`."""
    return Member(models, names=(models.health()[ROLES[rubric.verb]].model,))
