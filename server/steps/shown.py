"""The conversations of a trial as they are shown: what was said, and nothing that tells whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.stimuli import Stimuli
from core.study import JudgingStep
from core.transcript import Transcript
from server.place import Place
from server.sequences import trials_of
from server.storage.tables import GivenSequenceRow
from server.world import World


async def transcripts_of(world: World, place: Place) -> Sequence[Transcript]:
    """The conversations of the trial that the participant is at, in the order in which they are shown."""
    step = place.step
    assert isinstance(step.definition, JudgingStep) and step.trial is not None  # noqa: S101 - the kind chose this
    async with world.database.reading() as session:
        given = await session.get_one(GivenSequenceRow, (place.participant.id, step.definition.id))
    stimuli = stimuli_of(place)
    return [stimuli.transcript(transcript_id) for transcript_id in trials_of(given)[step.trial - 1]]


def stimuli_of(place: Place) -> Stimuli:
    """What the step that the participant is at shows, and on which form it is judged."""
    return place.bundle.stimuli[place.step.definition.id]


def messages_shown(transcript: Transcript) -> list[dict[str, Any]]:
    """Who said what."""
    return [{"role": message.role.value, "text": message.text} for message in transcript.messages]
