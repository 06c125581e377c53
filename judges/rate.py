"""The verbs rate and label: one transcript in, its findings with their evidence out, or absences with their reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.dimensions import Dimension
from core.score import Score
from core.transcript import Transcript
from judges.cache import Answers, NoCache
from judges.criteria import Rubric, Verb
from judges.material import Material, Unjudgeable, material
from judges.verdict import Finding, Unfounded, Verdict, read_verdict, verdict_form
from llm.faults import ModelFault, NotAsked
from llm.models import Models
from llm.prompts import as_blocks, as_data, load_prompt
from llm.reply import Answer, Label
from llm.request import ModelRole, Prompt, Request

ROLES = {Verb.RATE: ModelRole.JUDGE, Verb.LABEL: ModelRole.LABELLER, Verb.COMPARE: ModelRole.COMPARER}
"""The role that a model plays for each verb."""

Findings = Mapping[str, Finding | Unfounded]
"""What came of each dimension, in the rubric's order."""
Problems = Mapping[str, str]
"""Why a dimension's first answer could not be used."""


@dataclass(frozen=True, slots=True)
class JudgeSubject:
    """What a judge is asked about: `asked` is all of the rubric's dimensions, or those to be judged once more."""

    transcript: Transcript
    rubric: Rubric
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """What was found, who found it and the raw answers it was read from."""

    findings: Findings
    label: Label | None
    """None when no model answered."""
    raw: str
    """Every answer as it came, one after the other; empty when there was none."""
    cause: ModelFault | Unjudgeable | None = None
    """Why nothing was found at all: the model failed, or the transcript is at fault and none was asked."""

    @property
    def fault(self) -> ModelFault | None:
        """What went wrong with the model, where that is why nothing was found."""
        return self.cause if isinstance(self.cause, ModelFault) else None

    @property
    def failure(self) -> str | None:
        """Why at least one dimension is missing; None when all are there."""
        if self.cause is not None:
            return _told(self.cause)
        problems = (f"{d}: {found.problem}" for d, found in self.findings.items() if isinstance(found, Unfounded))
        return "; ".join(problems) or None

    @property
    def score(self) -> Score:
        """The study's score; raises `ValueError` for a rubric with other dimensions than the framework's."""
        founded = {Dimension(d): found for d, found in self.findings.items() if isinstance(found, Finding)}
        reasons = {} if self.cause else {Dimension(d): reason_of(found) for d, found in self.findings.items()}
        return Score(
            scores={
                Dimension(d): found.score if isinstance(found, Finding) else None for d, found in self.findings.items()
            },
            evidence={d: found.quotes for d, found in founded.items()},
            reason=reasons,
            failure=self.failure,
        )


def reason_of(found: Finding | Unfounded) -> str:
    """Why a dimension was judged as it was, or why it is missing."""
    return found.reason if isinstance(found, Finding) else found.problem


class Judge:
    """Rates or labels transcripts by one rubric with whatever model plays the judge."""

    def __init__(self, models: Models, rubric: Rubric, *, answers: Answers | None = None) -> None:
        """`answers`: where answers to the same question are kept between runs; None asks every time."""
        self._models = models
        self._rubric = rubric
        self._answers = answers or NoCache()

    async def rate(self, transcript: Transcript, *, purpose: str, repeat: int = 1) -> Rating:
        """The judge's findings. A failing model or an unusable answer is missing, and never raised.

        `purpose`: what the call belongs to in the ledger. A dimension whose answer is off the scale, or quotes what
        nobody said, is asked about once more; then it is missing with its reason.
        """
        every = tuple(criterion.id for criterion in self._rubric.dimensions)
        try:
            shown = material(transcript, self._rubric)
        except Unjudgeable as reason:
            return _nothing(every, reason)
        asking = _Asking(transcript, shown, purpose=purpose, repeat=repeat)
        try:
            first, findings = await self._ask(asking, asked=every, problems={})
        except ModelFault as fault:
            return _nothing(every, fault)
        problems = {d: found.problem for d, found in findings.items() if isinstance(found, Unfounded)}
        if not problems:
            return Rating(findings=findings, label=first.label, raw=first.raw)
        try:
            raw, findings = await self._once_more(asking, findings=findings, problems=problems)
        except NotAsked as fault:
            return _nothing(every, fault)
        return Rating(findings=findings, label=first.label, raw=f"{first.raw}\n{raw}".strip())

    async def _once_more(self, asking: _Asking, *, findings: Findings, problems: Problems) -> tuple[str, Findings]:
        try:
            answer, again = await self._ask(asking, asked=tuple(problems), problems=problems)
        except NotAsked:
            raise
        except ModelFault as fault:
            lost = {d: Unfounded(f"{problem}; asked again: {_told(fault)}") for d, problem in problems.items()}
            return "", {**findings, **lost}
        return answer.raw, {**findings, **again}

    async def _ask(
        self, asking: _Asking, *, asked: tuple[str, ...], problems: Problems
    ) -> tuple[Answer[Verdict], Findings]:
        request = rate_request(
            asking.transcript, asking.shown, self._rubric, asked=asked, problems=problems, purpose=asking.purpose
        )
        form = verdict_form(self._rubric, asked)
        answer = await self._answers.answer(self._models, request, form, repeat=asking.repeat)
        return answer, read_verdict(answer.value, asked=asked, rubric=self._rubric, material=asking.shown)


@dataclass(frozen=True, slots=True)
class _Asking:
    transcript: Transcript
    shown: Material
    purpose: str
    repeat: int


def first_request(transcript: Transcript, rubric: Rubric, *, purpose: str) -> tuple[Request, type[Verdict]]:
    """What a judge is asked first about `transcript`, and the form of the answer; raises `Unjudgeable`."""
    every = tuple(criterion.id for criterion in rubric.dimensions)
    shown = material(transcript, rubric)
    request = rate_request(transcript, shown, rubric, asked=every, problems={}, purpose=purpose)
    return request, verdict_form(rubric, every)


def rate_request(
    transcript: Transcript,
    shown: Material,
    rubric: Rubric,
    *,
    asked: tuple[str, ...],
    problems: Problems,
    purpose: str,
) -> Request:
    """The question about `asked`; `problems` names those that are asked about once more."""
    return Request(
        role=ROLES[rubric.verb],
        subject=JudgeSubject(transcript=transcript, rubric=rubric, asked=asked),
        prompt=rate_prompt(shown, rubric, problems),
        parameters=dict(rubric.decoding),
        purpose=purpose,
    )


def rate_prompt(shown: Material, rubric: Rubric, problems: Problems) -> Prompt:
    """The prompt for `shown`; `problems` names the dimensions that are asked about once more."""
    return load_prompt("judges", rubric.prompt_name, rubric.prompt_version).render(
        conversation=as_blocks(shown.messages),
        last_tag=shown.last_tag,
        rubric=rubric,
        dimensions=rubric.dimensions,
        low=rubric.scale.low if rubric.scale else None,
        high=rubric.scale.high if rubric.scale else None,
        again=[(d, as_data("problem", problem)) for d, problem in problems.items()],
    )


def _nothing(every: tuple[str, ...], cause: ModelFault | Unjudgeable) -> Rating:
    return Rating(findings={d: Unfounded(_told(cause)) for d in every}, label=None, raw="", cause=cause)


def _told(cause: ModelFault | Unjudgeable) -> str:
    return f"{cause.kind}: {cause}" if isinstance(cause, ModelFault) else str(cause)
