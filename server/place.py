"""The place of a participant in their study, and the answers that are stored there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.bundle import StudyBundle
from core.itinerary import Step
from server.storage.tables import ParticipantRow


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
