"""The rules provider: it says of everything it gives that no model gave it."""

from __future__ import annotations

import pytest

from llm.faults import BadRequest
from llm.request import ModelRole, Prompt, Request
from llm.rules import RULES_NOTICE, RulesProvider, is_rules
from llm.settings import model_settings
from server.models import rules_provider


def test_what_the_rules_give_is_known_by_its_label() -> None:
    """The label that every reply carries, and the words that stand wherever it is shown."""
    labels = {str(choice) for chosen in model_settings({}).choices.values() for choice in chosen}

    assert labels == {"rules:1", "rules:2"}
    assert all(is_rules(label) for label in (*labels, RulesProvider.name, RULES_NOTICE.split(": ")[0]))


@pytest.mark.parametrize("label", ["openai:gpt-4o", "openai:rules", "rulesets:1", "my/rules", ""])
def test_a_model_is_not_taken_for_the_rules(label: str) -> None:
    """Neither by a name that holds the word nor by one that only begins so."""
    assert not is_rules(label)


@pytest.mark.parametrize("role", [ModelRole.SEEKER, ModelRole.SUPPORTER, ModelRole.COACH, ModelRole.JUDGE])
async def test_every_role_refuses_a_subject_that_is_not_its_own(role: ModelRole) -> None:
    """A mistake of the caller is told as one, by the fault that callers of models know."""
    request = Request(role=role, subject="something else", prompt=Prompt("x/1", "0", ()))

    with pytest.raises(BadRequest):
        async for _ in rules_provider().stream(request, model="1", parameters={}):
            pass
