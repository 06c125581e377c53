"""The rules seeker and the rules supporter: what the personas package answers without any model."""

from __future__ import annotations

from llm.faults import BadRequest
from llm.request import ModelRole
from llm.rules import RulesProvider
from personas.seeker_prompt import SeekerSubject
from personas.seeker_rules import seeker_says
from personas.supporter_rules import supporter_says
from personas.supporters import SupporterSubject


def register_rules(provider: RulesProvider) -> None:
    """Let `provider` answer the roles `seeker` and `supporter`."""
    provider.register(ModelRole.SEEKER, _seeker)
    provider.register(ModelRole.SUPPORTER, _supporter)


def _seeker(subject: object) -> str:
    """The seeker's reply; raises `BadRequest` for any other subject."""
    if not isinstance(subject, SeekerSubject):
        raise BadRequest(f"a seeker answers a SeekerSubject, not {type(subject).__name__}")
    return seeker_says(subject)


def _supporter(subject: object) -> str:
    """The supporter's line; raises `BadRequest` for any other subject."""
    if not isinstance(subject, SupporterSubject):
        raise BadRequest(f"a supporter answers a SupporterSubject, not {type(subject).__name__}")
    return supporter_says(subject)
