"""Examples for training an assessor: an expert's scores with words to them, and a weaker model's replies beside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel

from core.transcript import Message, Role, Transcript
from judges.cache import Answers, NoCache
from judges.criteria import NamedLabel, Rubric, Scale
from judges.material import Unjudgeable, material
from judges.rubric import load_rubric
from llm.faults import ModelFault, NotAsked
from llm.models import Models
from llm.prompts import as_blocks, load_prompt
from llm.request import ModelRole, Prompt, Request

WEAKER_BY = 1
"""Points by which a weaker model's reply is taken to lie below the one that an expert has scored (EC-36)."""
TRIES = 2
"""How often words are asked for that can be used."""
_GIVES_AWAY = re.compile(
    r"\d|\b(?:scor|grad)(?:e|es|ed|ing)\b|\brat(?:ed|ing|ings)\b|\b(?:out of|full) (?:five|ten|marks|points)\b"
    r"|\bone[ -]star\b|\b(?:two|three|four|five)[ -](?:stars?|points?)\b",
    re.IGNORECASE,
)


class Origin(StrEnum):
    """Whose reply an example holds."""

    EXPERT = "expert"
    """The one that the expert has scored."""
    WEAKER = "weaker"
    """A weaker model's, with the expert's score lowered."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """One example: a case with a reply, its score, and words that lead to the score without naming it."""

    transcript: Transcript
    origin: Origin
    score: int | None
    """None when there is no reply to be scored."""
    comment: str | None = None
    suggestion: str | None = None
    reply_model: str | None = None
    """None for the reply that was there."""
    model: str | None = None
    """Who wrote comment and suggestion."""
    failure: str | None = None


class Explained(BaseModel):
    """The form that the assessor fills in."""

    comment: str
    suggestion: str


def lowered(score: int, scale: Scale) -> int:
    """The score of a weaker model's reply: `WEAKER_BY` below the expert's, never below the scale (EC-35)."""
    return max(score - WEAKER_BY, scale.low)


def gives_away(text: str) -> bool:
    """Whether `text` says something of a score: a digit, a grade, points or stars (EC-28)."""
    return _GIVES_AWAY.search(text) is not None


class Assessor:
    """Writes comment and suggestion to scores that are known, by a rubric of one dimension about replies."""

    def __init__(self, models: Models, rubric: Rubric, scale: Scale, *, answers: Answers | None = None) -> None:
        self._models = models
        self._rubric = rubric
        self._scale = scale
        self._answers = answers or NoCache()

    async def explain(self, given: Assessment) -> Assessment:
        """`given` with its comment and suggestion; asked for once more where they give the score away, then missing.

        Raises `NotAsked` when nobody is to be asked any more.
        """
        if given.score is None:
            return given
        try:
            problem = None
            for _ in range(TRIES):
                request = self.request(given.transcript, given.score, problem=problem)
                answer = await self._answers.answer(self._models, request, Explained, repeat=1)
                problem = self._problem(answer.value, given.score)
                if problem is None:
                    said = answer.value
                    return replace(given, comment=said.comment, suggestion=said.suggestion, model=answer.label.model)
        except NotAsked:
            raise
        except (ModelFault, Unjudgeable) as fault:
            return replace(given, failure=str(fault))
        return replace(given, failure=problem)

    def _problem(self, said: Explained, score: int) -> str | None:
        if not said.comment.strip() or not (said.suggestion.strip() or score == self._scale.high):
            return "the comment or the suggestion is empty"
        return "the words give the score away" if gives_away(f"{said.comment}\n{said.suggestion}") else None

    def request(self, transcript: Transcript, score: int, *, problem: str | None = None) -> Request:
        """What is asked about a reply with this score; `problem`: of the answer before. Raises `Unjudgeable`."""
        shown = material(transcript, self._rubric)
        prompt = load_prompt("judges", "explain", 1).render(
            conversation=as_blocks(shown.messages),
            last_tag=shown.last_tag,
            criterion=self._rubric.dimensions[0],
            strategies=_strategies(),
            score=score,
            low=self._scale.low,
            high=self._scale.high,
            is_top=score == self._scale.high,
            problem=problem,
        )
        return _asked(ModelRole.ASSESSOR, prompt, dict(self._rubric.decoding), purpose=transcript.id)


async def weaker(models: Models, given: Assessment, scale: Scale, *, answers: Answers | None = None) -> Assessment:
    """The example beside `given`: the same case with a weaker model's reply in place of the last one.

    Where the model fails there is no reply and no score, with the reason. Raises `NotAsked` when nobody is to be asked.
    """
    case = _case(given.transcript)
    transcript = replace(given.transcript, id=_weaker_id(given.transcript), messages=case)
    made = Assessment(transcript, Origin.WEAKER, score=None)
    try:
        reply = await (answers or NoCache()).text(models, reply_request(given.transcript), repeat=1)
    except NotAsked:
        raise
    except ModelFault as fault:
        return replace(made, failure=f"{fault.kind}: {fault}")
    messages = (*case, Message(Role.SUPPORTER, reply.text.strip()))
    return replace(
        made,
        transcript=replace(transcript, messages=messages),
        score=None if given.score is None else lowered(given.score, scale),
        reply_model=reply.label.model,
    )


def reply_request(transcript: Transcript) -> Request:
    """What a weaker model is asked, to answer in place of the last reply."""
    prompt = load_prompt("judges", "reply", 1).render(conversation=as_blocks(_case(transcript)))
    return _asked(ModelRole.SUPPORTER, prompt, {}, purpose=_weaker_id(transcript))


def _weaker_id(transcript: Transcript) -> str:
    return f"{transcript.id}/{Origin.WEAKER}"


def _case(transcript: Transcript) -> tuple[Message, ...]:
    """What was said before the supporter's last message."""
    said = [place for place, message in enumerate(transcript.messages) if message.role is Role.SUPPORTER]
    return transcript.messages[: said[-1]] if said else transcript.messages


def _asked(role: ModelRole, prompt: Prompt, decoding: Mapping[str, float | int], *, purpose: str) -> Request:
    return Request(role=role, subject=None, prompt=prompt, parameters=decoding, purpose=purpose)


def _strategies() -> tuple[NamedLabel, ...]:
    return load_rubric("strategies_esr").dimensions[0].labels
