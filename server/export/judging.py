"""The rows of people who judge: their choices and ratings, and what they were shown with what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.itinerary import Step, itinerary
from core.stimuli import Stimuli
from core.study import ComparisonStep, JudgingStep, RatingStep
from server.export.rows import Snapshot
from server.sequences import trials_of
from server.steps.rating import NOTE, rubric_of
from server.storage.tables import GivenSequenceRow, ResponseRow

Row = dict[str, Any]
HUMAN = "human:"


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial that somebody came to: their sequence, its place in it, and the ids of what was shown."""

    given: GivenSequenceRow
    step: Step
    stimuli: Stimuli
    shown: tuple[str, ...]

    @property
    def number(self) -> int:
        assert self.step.trial is not None  # noqa: S101 - only such steps become trials
        return self.step.trial

    @property
    def is_passed_on(self) -> bool:
        return self.given.taken_back_at is not None

    @property
    def sequence_id(self) -> str:
        return f"{self.given.step_id}_{self.given.number:03d}"


def trials(snapshot: Snapshot) -> Mapping[tuple[str, str], Trial]:
    """Every trial by participant and step."""
    given = {(row.participant_id, row.step_id): row for row in snapshot.given}
    found = {}
    for person in snapshot.participants:
        bundle = snapshot.bundles[person.study_hash]
        if not bundle.stimuli:
            continue
        order = bundle.study.scenarios[: bundle.study.rounds]
        for step in itinerary(bundle.study, condition=person.condition, scenario_order=order):
            if isinstance(step.definition, JudgingStep) and step.trial is not None:
                row = given[person.id, step.definition.id]
                shown = trials_of(row)[step.trial - 1]
                found[person.id, step.id] = Trial(row, step, bundle.stimuli[step.definition.id], shown)
    return found


def choices(snapshot: Snapshot, found: Mapping[tuple[str, str], Trial]) -> Iterator[Row]:
    """What people chose, in the order of their answers: of each sequence only what its one holder chose."""
    visits = {(visit.participant_id, visit.step_id): visit.shown_at for visit in snapshot.visits}
    for response in snapshot.responses:
        key = (response.participant_id, response.step_id)
        trial = found.get(key)
        if trial is None or trial.is_passed_on or not isinstance(trial.step.definition, ComparisonStep):
            continue
        left, right = trial.shown
        yield {
            "rater_id": response.participant_id,
            "sequence_id": trial.sequence_id,
            "trial": trial.number,
            "scenario": trial.stimuli.transcript(left).scenario,
            "left_id": left,
            "right_id": right,
            "choice": response.value,
            "decided_ms": response.answered_at - visits[key],
        }


def judged_scores(snapshot: Snapshot, found: Mapping[tuple[str, str], Trial]) -> Iterator[Row]:
    """Scores of the conversations shown: those of the judge that came with them, then those of raters."""
    seen: set[tuple[Any, ...]] = set()
    for bundle in snapshot.bundles.values():
        for stimuli in bundle.stimuli.values():
            for score in stimuli.scores:
                row = score.model_dump()
                row["conversation_id"] = row.pop("transcript_id")
                key = tuple(row.values())
                if key not in seen:
                    seen.add(key)
                    yield row
    for response, trial in ratings(snapshot, found):
        judge, version = rubric_of(response.instrument)
        yield _human(trial.shown[0], judge, version, response.item, int(response.value), by=response.participant_id)


def comparisons(snapshot: Snapshot) -> Iterator[Row]:
    """What a judge chose between conversations shown, as it came with them."""
    pairs = [pair for bundle in snapshot.bundles.values() for one in bundle.stimuli.values() for pair in one.compared]
    return (pair.model_dump() for pair in dict.fromkeys(pairs))


def ratings(snapshot: Snapshot, found: Mapping[tuple[str, str], Trial]) -> Iterator[tuple[ResponseRow, Trial]]:
    """Every rating with the trial it was given in; remarks are left out."""
    return ((response, trial) for response, trial in _rated(snapshot, found) if response.item != NOTE)


def remarks(snapshot: Snapshot, found: Mapping[tuple[str, str], Trial]) -> Iterator[tuple[ResponseRow, Trial]]:
    """Every remark of a rater with the trial it was made in."""
    return ((response, trial) for response, trial in _rated(snapshot, found) if response.item == NOTE)


def _rated(snapshot: Snapshot, found: Mapping[tuple[str, str], Trial]) -> Iterator[tuple[ResponseRow, Trial]]:
    for response in snapshot.responses:
        trial = found.get((response.participant_id, response.step_id))
        if trial is not None and isinstance(trial.step.definition, RatingStep):
            yield response, trial


def _human(transcript_id: str, judge: str, version: str, dimension: str, score: int, *, by: str) -> Row:
    return {
        "conversation_id": transcript_id,
        "judge": judge,
        "model": HUMAN + by,
        "rubric_version": version,
        "repeat": 1,
        "dimension": dimension,
        "score": score,
        "failure": None,
    }


def other_answers(snapshot: Snapshot, found: Mapping[tuple[str, str], Trial]) -> Iterator[Row]:
    """For `responses`: raters' remarks on conversations, and choices of people whose sequence was passed on."""
    for response, trial in remarks(snapshot, found):
        yield _response(response, instrument="rating_note", item=trial.shown[0])
    for response in snapshot.responses:
        passed_on = found.get((response.participant_id, response.step_id))
        if passed_on is not None and passed_on.is_passed_on and isinstance(passed_on.step.definition, ComparisonStep):
            yield _response(response, instrument="choice_passed_on", item=f"{passed_on.sequence_id}_{passed_on.number}")


def _response(row: ResponseRow, *, instrument: str, item: str) -> Row:
    return {
        "participant_id": row.participant_id,
        "round": None,
        "instrument": instrument,
        "item": item,
        "value": row.value,
        "answered_at": row.answered_at,
    }


def shown_transcripts(snapshot: Snapshot, scores: list[Row]) -> Iterator[Row]:
    """The conversations that were shown, each once, as transcript lines.

    `ratings` holds what each rater gave, `adjudicated` what somebody decided where raters had disagreed: it is no
    further rater, since whoever decided had seen the ratings. Both are left out where there is nothing.
    """
    given: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in scores:
        if row["model"].startswith(HUMAN):
            given[row["conversation_id"]][row["model"]][row["dimension"]] = row["score"]
    decided: dict[str, dict[str, int]] = defaultdict(dict)
    for decision in snapshot.adjudications:
        decided[decision.transcript_id][decision.dimension] = decision.score
    stimuli = [found for bundle in snapshot.bundles.values() for found in bundle.stimuli.values()]
    shown = {transcript.id: transcript for one in stimuli for transcript in one.transcripts}
    for transcript in shown.values():
        line = {
            "id": transcript.id,
            "scenario": transcript.scenario,
            "messages": [{"role": message.role.value, "text": message.text} for message in transcript.messages],
            "ratings": given.get(transcript.id),
            "adjudicated": decided.get(transcript.id),
        }
        yield {name: value for name, value in line.items() if value is not None}
