"""What is known about each role's models from the calls that were made anyway: nothing is ever probed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from llm.faults import ModelFault
from llm.request import ModelRole


@dataclass(frozen=True, slots=True)
class RoleHealth:
    """The last known state of a role."""

    model: str
    """`provider:model` that was asked last; the first choice while none was."""
    is_ok: bool | None = None
    """Whether its last attempt brought an answer; None before the first."""
    at: datetime | None = None
    """When that attempt ended (UTC)."""
    failing_since: datetime | None = None
    """When the first of the failures in a row ended; None while it is not failing."""
    kind: str | None = None
    """The kind of the last fault, e.g. `rate_limited`, while it is failing."""
    error: str | None = None
    failures: int = 0
    """Failed attempts in a row."""


class Watchbook:
    """Keeps the state of every role."""

    def __init__(self, first_models: Mapping[ModelRole, str]) -> None:
        self._states = {role: RoleHealth(model=model) for role, model in first_models.items()}

    def succeeded(self, role: ModelRole, *, model: str, at: datetime) -> None:
        self._states[role] = RoleHealth(model=model, is_ok=True, at=at)

    def failed(self, role: ModelRole, fault: ModelFault, *, model: str, at: datetime) -> None:
        before = self._states[role]
        self._states[role] = RoleHealth(
            model=model,
            is_ok=False,
            at=at,
            failing_since=before.failing_since or at,
            kind=fault.kind,
            error=str(fault),
            failures=before.failures + 1,
        )

    def states(self) -> Mapping[ModelRole, RoleHealth]:
        """A copy of what is known now."""
        return dict(self._states)
