"""The verb rate: one transcript in, one score with its evidence out, or a recorded absence with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.dimensions import Dimension
from core.score import Score, unrated
from core.transcript import Role, Transcript
from judges.rubric import Rubric
from judges.verdict import Finding, Unfounded, Verdict, as_shown, read_verdict, verdict_form
from llm.faults import ModelFault
from llm.models import Models
from llm.prompts import as_data, load_prompt
from llm.reply import Answer, Label
from llm.request import ModelRole, Prompt, Request

Problems = Mapping[Dimension, str]
"""Why a dimension's first answer could not be used."""


@dataclass(frozen=True, slots=True)
class JudgeSubject:
    """What a judge is asked about: `asked` is all of the rubric's dimensions, or those to be judged once more."""

    transcript: Transcript
    rubric: Rubric
    asked: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """A score, who gave it and the raw answers it was read from."""

    score: Score
    label: Label | None
    """None when no model answered."""
    raw: str
    """Every answer as it came, one after the other; empty when there was none."""


class Judge:
    """Rates transcripts by one rubric with whatever model plays the judge."""

    def __init__(self, models: Models, rubric: Rubric) -> None:
        self._models = models
        self._rubric = rubric

    async def rate(self, transcript: Transcript, *, purpose: str) -> Rating:
        """The judge's rating of the supporter. A failing model or an unusable answer is missing, and never raised.

        `purpose`: what the call belongs to in the ledger. A dimension whose answer is off the scale, or quotes what
        the supporter did not say, is asked about once more; then it is missing with its reason.
        """
        if reason := _unratable(transcript):
            return Rating(score=unrated(reason), label=None, raw="")
        every = tuple(definition.dimension for definition in self._rubric.dimensions)
        try:
            first, findings = await self._ask(transcript, asked=every, problems={}, purpose=purpose)
        except ModelFault as fault:
            return Rating(score=unrated(_told(fault)), label=None, raw="")
        problems = {d: found.problem for d, found in findings.items() if isinstance(found, Unfounded)}
        if not problems:
            return Rating(score=_score(findings), label=first.label, raw=first.raw)
        raw, findings = await self._once_more(transcript, findings=findings, problems=problems, purpose=purpose)
        return Rating(score=_score(findings), label=first.label, raw=f"{first.raw}\n{raw}".strip())

    async def _once_more(
        self,
        transcript: Transcript,
        *,
        findings: Mapping[Dimension, Finding | Unfounded],
        problems: Problems,
        purpose: str,
    ) -> tuple[str, Mapping[Dimension, Finding | Unfounded]]:
        try:
            answer, again = await self._ask(transcript, asked=tuple(problems), problems=problems, purpose=purpose)
        except ModelFault as fault:
            lost = {d: Unfounded(f"{problem}; asked again: {_told(fault)}") for d, problem in problems.items()}
            return "", {**findings, **lost}
        return answer.raw, {**findings, **again}

    async def _ask(
        self, transcript: Transcript, *, asked: tuple[Dimension, ...], problems: Problems, purpose: str
    ) -> tuple[Answer[Verdict], Mapping[Dimension, Finding | Unfounded]]:
        request = Request(
            role=ModelRole.JUDGE,
            subject=JudgeSubject(transcript=transcript, rubric=self._rubric, asked=asked),
            prompt=_prompt(transcript, self._rubric, problems),
            parameters=dict(self._rubric.decoding),
            purpose=purpose,
        )
        answer = await self._models.answer(request, verdict_form(self._rubric, asked))
        said = transcript.of(Role.SUPPORTER)
        return answer, read_verdict(answer.value, asked=asked, scale=self._rubric.scale, said=said)


def _unratable(transcript: Transcript) -> str | None:
    if not transcript.messages:
        return "the transcript holds no message"
    if not any(text.strip() for text in transcript.of(Role.SUPPORTER)):
        return "the supporter says nothing in this transcript"
    return None


def _prompt(transcript: Transcript, rubric: Rubric, problems: Problems) -> Prompt:
    return load_prompt("judges", rubric.prompt_name, rubric.prompt_version).render(
        conversation=_as_conversation(transcript),
        dimensions=rubric.dimensions,
        low=rubric.scale.low,
        high=rubric.scale.high,
        again=[(dimension.value, as_data("problem", as_shown(problem))) for dimension, problem in problems.items()],
    )


def _as_conversation(transcript: Transcript) -> str:
    """Every message of both roles as data, in a block named by its writer and its place (from 1)."""
    return "\n".join(
        as_data(f"{message.role}-{place}", as_shown(message.text))
        for place, message in enumerate(transcript.messages, start=1)
    )


def _score(findings: Mapping[Dimension, Finding | Unfounded]) -> Score:
    founded = {d: found for d, found in findings.items() if isinstance(found, Finding)}
    problems = {d: found.problem for d, found in findings.items() if isinstance(found, Unfounded)}
    return Score(
        scores={d: found.score if isinstance(found, Finding) else None for d, found in findings.items()},
        evidence={d: found.quotes for d, found in founded.items()},
        reason={d: found.reason for d, found in founded.items()} | problems,
        failure="; ".join(f"{d}: {problem}" for d, problem in problems.items()) or None,
    )


def _told(fault: ModelFault) -> str:
    return f"{fault.kind}: {fault}"
