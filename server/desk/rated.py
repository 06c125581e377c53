"""What raters gave in a study, put together for the desk: by rater, conversation and dimension."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.bundle import StudyBundle
from core.stimuli import RatingForm, Stimuli
from core.study import RatingStep
from server.desk.overview import short
from server.export import judging
from server.export.rows import Snapshot
from server.participants import rater_name
from server.storage.tables import AdjudicationRow

ByDimension = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Disputed:
    """One dimension of one conversation on which raters are far apart."""

    transcript_id: str
    dimension: str
    scores: Mapping[str, int]
    """By the rater's name."""
    decided: AdjudicationRow | None

    @property
    def spread(self) -> int:
        return max(self.scores.values()) - min(self.scores.values())


@dataclass(frozen=True)
class Rated:
    """The ratings of one step by rater's name, transcript and dimension, and what was decided over them."""

    bundle: StudyBundle
    step: RatingStep
    stimuli: Stimuli
    ratings: Mapping[str, Mapping[str, ByDimension]]
    remarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By transcript and rater's name."""
    decisions: Mapping[tuple[str, str], AdjudicationRow] = field(default_factory=dict)

    @property
    def form(self) -> RatingForm:
        assert self.stimuli.form is not None  # noqa: S101 - every rating step is read with one
        return self.stimuli.form

    def scores(self, transcript_id: str, dimension: str) -> dict[str, int]:
        """What each rater gave, by name."""
        found = {name: given.get(transcript_id, {}).get(dimension) for name, given in self.ratings.items()}
        return {name: score for name, score in sorted(found.items()) if score is not None}

    @cached_property
    def disputed(self) -> tuple[Disputed, ...]:
        """Where raters are far apart, among conversations that all of their raters have rated; the widest first."""
        found = [
            Disputed(transcript.id, criterion.id, scores, self.decisions.get((transcript.id, criterion.id)))
            for transcript in self.stimuli.transcripts
            for criterion in self.form.criteria
            if len(scores := self.scores(transcript.id, criterion.id)) >= max(2, self.step.raters_per_transcript)
        ]
        apart = [one for one in found if one.spread >= self.step.adjudicate_from]
        return tuple(sorted(apart, key=lambda one: (-one.spread, one.transcript_id, one.dimension)))


def rating_step(bundle: StudyBundle) -> RatingStep | None:
    """The step of a study in which people rate."""
    return next((step for step in bundle.study.definitions if isinstance(step, RatingStep)), None)


def rated(snapshot: Snapshot, bundle: StudyBundle, step: RatingStep) -> Rated:
    """The ratings that a snapshot holds, of every version of the study."""
    names = {person.id: rater_name(person.external_id) or short(person.id) for person in snapshot.participants}
    found = judging.trials(snapshot)
    given: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for response, trial in judging.ratings(snapshot, found):
        given[names[response.participant_id]][trial.shown[0]][response.item] = int(response.value)
    remarks: dict[str, dict[str, str]] = defaultdict(dict)
    for response, trial in judging.remarks(snapshot, found):
        remarks[trial.shown[0]][names[response.participant_id]] = response.value
    return Rated(
        bundle=bundle,
        step=step,
        stimuli=bundle.stimuli[step.id],
        ratings=given,
        remarks=remarks,
        decisions={(row.transcript_id, row.dimension): row for row in snapshot.adjudications},
    )
