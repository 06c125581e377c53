"""The models of this server: as the settings say, with the rules of every package behind the provider `rules`."""

from __future__ import annotations

from dataclasses import replace

import coach.rules
import judges.rules
import personas.rules
from llm.gate import Gate
from llm.ledger import Ledger
from llm.models import ModelChoice, Models
from llm.request import ModelRole
from llm.retries import RetryPolicy
from llm.rules import RulesProvider
from llm.settings import model_settings

TYPING_S = 1.6
"""How long the rules take to write a reply, so that a chat with them feels like one; divided by the time scale."""


def rules_provider(*, typing_s: float = 0.0) -> RulesProvider:
    """The rules provider with everything it knows."""
    provider = RulesProvider(typing_s=typing_s)
    personas.rules.register_rules(provider)
    coach.rules.register_rules(provider)
    judges.rules.register_rules(provider)
    return provider


def models_from_settings(ledger: Ledger, *, time_scale: float) -> Models:
    """The door to the models that the environment names. Raises `Unusable` for a setting that cannot work."""
    return model_settings().open(rules=rules_provider(typing_s=TYPING_S / time_scale), ledger=ledger)


def models_for(
    role: ModelRole,
    choices: tuple[ModelChoice, ...],
    *,
    ledger: Ledger | None = None,
    gate: Gate | None = None,
    policy: RetryPolicy | None = None,
) -> Models:
    """The models of the environment with `choices` for `role`: for commands that name their model."""
    settings = model_settings()
    chosen = replace(settings, choices={**settings.choices, role: choices})
    return chosen.open(rules=rules_provider(), ledger=ledger, gate=gate, policy=policy)
