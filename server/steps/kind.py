"""What every kind of step can do, and the place of a participant that it is told about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from core.bundle import StudyBundle
from core.itinerary import Step
from server.storage.tables import ParticipantRow

if TYPE_CHECKING:
    from server.world import World


@dataclass(frozen=True, slots=True)
class Answer:
    """One stored answer of a step."""

    instrument: str
    item: str
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a participant stands: their row, their version of the study, and their itinerary."""

    participant: ParticipantRow
    bundle: StudyBundle
    steps: Sequence[Step]

    @property
    def step(self) -> Step:
        return self.steps[self.participant.position]

    @property
    def is_allocated(self) -> bool:
        return self.participant.condition is not None


class StepKind(Protocol):
    """One kind of step."""

    async def content(self, world: World, place: Place) -> dict[str, Any]:
        """What the participant is shown; creates what the step needs, such as its dialogue."""
        ...

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        """The answers to store. Raises `InvalidAnswer`, or `NotReady` with what is missing."""
        ...

    async def leave(self, world: World, place: Place) -> None:
        """Called once the step has been taken."""
        ...
