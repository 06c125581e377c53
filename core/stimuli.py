"""Stimuli: the finished conversations that people judge in a study, and the sequences in which they come."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from core.dimensions import DIMENSIONS, Dimension
from core.score import SCALE, overall
from core.transcript import Transcript

Trial = tuple[str, ...]
"""The ids of the conversations shown at once: the left and the right of a pair, or the one to rate."""
TrialSequence = tuple[Trial, ...]
DECILES = 10


class Criterion(BaseModel):
    """One line of a rating form: a dimension of the rubric, with what its ends look like."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    definition: str
    low: str
    high: str


class RatingForm(BaseModel):
    """What raters fill in: the very rubric that the judge is given."""

    model_config = ConfigDict(frozen=True)

    rubric: str
    version: str
    criteria: tuple[Criterion, ...]
    lowest: int = SCALE.start
    highest: int = SCALE.stop - 1


class JudgedScore(BaseModel):
    """What a judge gave one conversation on one dimension, as its file says."""

    model_config = ConfigDict(frozen=True)

    transcript_id: str
    judge: str
    model: str
    rubric_version: str
    repeat: int
    dimension: str
    score: int | None
    failure: str | None


class JudgedPair(BaseModel):
    """What a judge chose between two conversations, as its file says."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    order: int
    a_id: str
    b_id: str
    winner: str
    """`A`, `B`, `tie`, or empty where there is no choice."""
    model: str
    prompt_version: str
    failure: str


class Stimuli(BaseModel):
    """All that one judging step shows: kept with the version of the study, so that nothing of it can change."""

    model_config = ConfigDict(frozen=True)

    transcripts: tuple[Transcript, ...]
    sequences: tuple[TrialSequence, ...]
    scores: tuple[JudgedScore, ...] = ()
    compared: tuple[JudgedPair, ...] = ()
    form: RatingForm | None = None
    """For ratings; None where people choose."""

    def transcript(self, transcript_id: str) -> Transcript:
        """The conversation of this id. Raises `KeyError`."""
        for transcript in self.transcripts:
            if transcript.id == transcript_id:
                return transcript
        raise KeyError(transcript_id)


def by_scenario(transcripts: Sequence[Transcript]) -> dict[str, list[Transcript]]:
    """The transcripts of each scenario, in their order; those without one stand under an empty name."""
    found: dict[str, list[Transcript]] = defaultdict(list)
    for transcript in transcripts:
        found[transcript.scenario or ""].append(transcript)
    return dict(found)


def mean_overall(scores: Iterable[JudgedScore]) -> dict[str, float]:
    """The mean overall score of each conversation over all its judgements that are whole; others have none."""
    judged: dict[tuple[str, str, str, str, int], dict[Dimension, int | None]] = defaultdict(dict)
    for score in scores:
        if score.dimension in DIMENSIONS:
            key = (score.transcript_id, score.judge, score.model, score.rubric_version, score.repeat)
            judged[key][Dimension(score.dimension)] = score.score
    totals: dict[str, list[int]] = defaultdict(list)
    for key, given in judged.items():
        if (total := overall(given)) is not None:
            totals[key[0]].append(total)
    return {transcript_id: sum(found) / len(found) for transcript_id, found in totals.items()}


def drawn_by_decile(
    transcripts: Sequence[Transcript], ranks: Mapping[str, float], *, per_decile: int, seed: int
) -> tuple[Transcript, ...]:
    """`per_decile` conversations from each tenth of every scenario's ranking, in the order of `transcripts` (LE-146).

    `ranks`: a number for each id, such as a judge's overall score or an Elo rating; equal numbers are ordered by id.
    Tenths are of equal size, or differ by one. Raises `ValueError` for a scenario with too few conversations.
    """
    taken: set[str] = set()
    for scenario, candidates in by_scenario(transcripts).items():
        if len(candidates) < DECILES * per_decile:
            needed = f"{per_decile} per decile need {DECILES * per_decile} conversations of each scenario"
            raise ValueError(f"{needed}; {scenario or 'those without one'} has {len(candidates)} with a rank")
        ranked = sorted(candidates, key=lambda transcript: (ranks[transcript.id], transcript.id))
        for tenth in range(DECILES):
            first, last = (len(ranked) * edge // DECILES for edge in (tenth, tenth + 1))
            generator = random.Random(f"{seed}/stimuli/{scenario}/{tenth}")  # noqa: S311 - a draw that can be repeated
            taken |= {transcript.id for transcript in generator.sample(ranked[first:last], per_decile)}
    return tuple(transcript for transcript in transcripts if transcript.id in taken)
