"""The judges that a command names: their models, what they have answered before, and what they cost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import Unusable
from judges.cache import CACHE, AnswerCache
from judges.criteria import Rubric
from judges.file import Member
from judges.rate import ROLES
from judges.rules import check_rules_can
from llm.gate import Budget, Spending
from llm.models import ModelChoice, Models
from llm.request import ModelRole
from llm.settings import parse_choices
from server.models import models_for


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMember(Member):
    """A judge of this command, with what it has cost so far."""

    kept: AnswerCache | None
    """What it has answered before; `answers` asks there first."""
    spending: Spending
    budget: Budget
    """What the judges may cost together."""


@asynccontextmanager
async def panel(
    rubric: Rubric, models: Sequence[str], *, budget: Budget, kept_beside: Path | None
) -> AsyncIterator[list[PanelMember]]:
    """The judges of these names, open until the end; their answers are kept beside that file, or not at all.

    Raises `Unusable` for one that is named twice or cannot judge by `rubric`.
    """
    role = ROLES[rubric.verb]
    async with AsyncExitStack() as stack:
        members: list[PanelMember] = []
        for text in dict.fromkeys(models):
            choices = parse_choices(text, name="--model", role=role)
            names = tuple(str(choice) for choice in choices)
            if any(member.names[0] == names[0] for member in members):
                raise Unusable(f"--model: {names[0]} is named twice")
            if choices[0].provider == "rules":
                check_rules_can(rubric)
            asked, spending = paid_models(role, choices, budget=budget, stack=stack)
            kept = None
            if kept_beside is not None and choices[0].provider != "rules" and kept_beside.parent.is_dir():
                kept = AnswerCache(kept_beside.with_name(CACHE), choice=choices[0])
                stack.callback(kept.close)
            members.append(PanelMember(asked, names=names, answers=kept, kept=kept, spending=spending, budget=budget))
        yield members


def paid_models(
    role: ModelRole, choices: tuple[ModelChoice, ...], *, budget: Budget, stack: AsyncExitStack
) -> tuple[Models, Spending]:
    """Models that keep to `budget` and are open until `stack` ends, and what they have cost so far."""
    spending, gate = budget.of_model()
    models = models_for(role, choices, ledger=spending, gate=gate)
    stack.push_async_callback(models.aclose)
    return models, spending
