"""Reading what a judging step shows: conversations from a file or a dataset, what a judge said, the sequences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import Unusable
from core.located import Fault, Faults
from core.sequences import pair_sequences, rating_sequences
from core.stimuli import Criterion, JudgedScore, RatingForm, Stimuli, TrialSequence, drawn_by_decile, mean_overall
from core.study import ComparisonStep, JudgingStep, RatingStep, StimulusSource
from core.transcript import Transcript
from judges.criteria import Judged, Verb
from judges.rubric import load_rubric, shipped
from judges.source import read_transcripts
from server.judged_file import read_elo, read_judged_pairs, read_judged_scores
from server.stimuli_dataset import dataset_scores, dataset_transcripts

_PLACED = re.compile(r"(?P<file>.+?):(?P<line>\d+): (?P<message>.*)", re.DOTALL)
SOURCE = ("stimuli", "source")
SCORES = ("stimuli", "scores")
ELO = ("stimuli", "elo")
COMPARED = ("stimuli", "compared")
PER_DECILE = ("stimuli", "per_decile")


@dataclass(frozen=True, slots=True)
class Files:
    """The files that a judging step names, found in the study's folder."""

    source: Path
    scores: Path | None = None
    elo: Path | None = None
    compared: Path | None = None


class Amiss(Exception):
    """What is wrong with a judging step, and with which of its settings."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def read_stimuli(definition: JudgingStep, files: Files) -> Stimuli:
    """Everything that the step shows. Raises `Amiss` for a setting, or `Faults` for lines of the files it names."""
    form = _form(definition.rubric) if isinstance(definition, RatingStep) else None
    with _told_at(SOURCE):
        source = files.source
        transcripts = dataset_transcripts(source) if source.is_dir() else list(read_transcripts(source))
    _check_spoken(transcripts, source=definition.stimuli.source)
    with _told_at(SCORES):
        scores = _scores(source, files.scores)
    with _told_at(ELO):
        ranks = mean_overall(scores) if files.elo is None else read_elo(files.elo)
    taken = _taken(definition.stimuli, transcripts, ranks)
    ids = {transcript.id for transcript in taken}
    with _told_at(COMPARED):
        pairs = [] if files.compared is None else read_judged_pairs(files.compared)
    return Stimuli(
        transcripts=taken,
        sequences=_sequences(definition, taken),
        scores=tuple(score for score in scores if score.transcript_id in ids),
        compared=tuple(pair for pair in pairs if {pair.a_id, pair.b_id} <= ids),
        form=form,
    )


@contextmanager
def _told_at(path: tuple[str, ...]) -> Iterator[None]:
    """Tell what cannot be read where it stands in its file, or else at the setting that names the file."""
    try:
        yield
    except Unusable as error:
        placed = [found for line in error.message.splitlines() if (found := _PLACED.fullmatch(line))]
        if not placed:
            raise Amiss(path, error.message) from None
        raise Faults([Fault(found["file"], int(found["line"]), found["message"]) for found in placed]) from None


def _check_spoken(transcripts: Sequence[Transcript], *, source: str) -> None:
    if not transcripts:
        raise Amiss(SOURCE, f"{source} holds no conversation")
    for transcript in transcripts:
        if not transcript.messages:
            raise Amiss(SOURCE, f"nothing is said in the conversation {transcript.id!r} of {source}")


def _scores(source: Path, judged: Path | None) -> list[JudgedScore]:
    """What a judge said: from the file named, or from the dataset's own scores."""
    if judged is not None:
        return read_judged_scores(judged)
    return dataset_scores(source) if source.is_dir() else []


def _taken(
    wanted: StimulusSource, transcripts: Sequence[Transcript], ranks: Mapping[str, float]
) -> tuple[Transcript, ...]:
    if wanted.per_decile is None:
        return tuple(transcripts)
    ranked = [transcript for transcript in transcripts if transcript.id in ranks]
    if not ranked:
        raise Amiss(PER_DECILE, "deciles need a ranking: name what a judge wrote, in `scores` or in `elo`")
    try:
        return drawn_by_decile(ranked, ranks, per_decile=wanted.per_decile, seed=wanted.seed)
    except ValueError as error:
        raise Amiss(PER_DECILE, str(error)) from None


def _sequences(definition: JudgingStep, transcripts: Sequence[Transcript]) -> tuple[TrialSequence, ...]:
    trials, seed = definition.trials, definition.stimuli.seed
    try:
        if isinstance(definition, ComparisonStep):
            return pair_sequences(transcripts, sequences=definition.sequences, trials=trials, seed=seed)
        raters = definition.raters_per_transcript
        return rating_sequences(transcripts, raters_per_transcript=raters, trials=trials, seed=seed)
    except ValueError as error:
        raise Amiss(("trials",), str(error)) from None


def _form(name: str) -> RatingForm:
    """The form of a shipped rubric that rates transcripts. Raises `Amiss` for any other.

    A file elsewhere could change its meaning between two raters without changing the study's hash.
    """
    if name not in shipped():
        raise Amiss(("rubric",), f"no rubric {name!r} is shipped: name one of {', '.join(shipped())}")
    rubric = load_rubric(name)
    if rubric.verb is not Verb.RATE or rubric.judged is not Judged.TRANSCRIPT or rubric.scale is None:
        raise Amiss(("rubric",), f"the rubric {name} does not rate whole conversations")
    criteria = (
        Criterion(id=str(c.id), name=c.name, definition=c.definition, low=c.low, high=c.high) for c in rubric.dimensions
    )
    return RatingForm(
        rubric=rubric.name,
        version=rubric.version,
        criteria=tuple(criteria),
        lowest=rubric.scale.low,
        highest=rubric.scale.high,
    )
