"""Models that answer by the rules, and the bank."""

from __future__ import annotations

import pytest

from llm.models import ModelChoice, Models
from llm.request import ModelRole
from llm.rules import RulesProvider
from personas.rules import register_rules


@pytest.fixture
def rules_models() -> Models:
    """Models whose seeker and supporter are the rules."""
    provider = RulesProvider()
    register_rules(provider)
    choice = ModelChoice(provider="rules", model="1", parameters={})
    return Models(providers={"rules": provider}, choices={ModelRole.SEEKER: (choice,), ModelRole.SUPPORTER: (choice,)})
