"""The rules judge: answers the judge's requests by counting communicative moves, without key or network."""

from __future__ import annotations

from functools import lru_cache

from pydantic import BaseModel

from core.dimensions import PRESCRIPTIVE, PROSCRIPTIVE, Dimension
from core.errors import Unusable
from core.score import overall
from core.transcript import Transcript
from judges.clauses import dissect
from judges.compare import PairSubject
from judges.criteria import Rubric, Verb
from judges.moves import Found, find_moves, supporter_lines
from judges.pattern import WEIGHINGS, amount, score
from judges.rate import JudgeSubject
from judges.rules_labels import can_label, labelled_by_rules
from judges.verdict import Finding, verdict_form
from llm.faults import BadRequest
from llm.request import ModelRole
from llm.rules import RulesProvider


def register_rules(provider: RulesProvider) -> None:
    """Let `provider` answer what judges are asked."""
    provider.register(ModelRole.JUDGE, _answer)
    provider.register(ModelRole.LABELLER, _answer)
    provider.register(ModelRole.COMPARER, _choose)


def check_rules_can(rubric: Rubric) -> None:
    """Raise `Unusable` for a rubric that the rules know nothing about."""
    if not (rubric.verb is Verb.COMPARE or rubric.is_framework or can_label(rubric)):
        raise Unusable(f"the rules cannot judge by {rubric.name}: name a model, as in --model openai:gpt-4o")


def judged_by_rules(transcript: Transcript) -> dict[Dimension, Finding]:
    """What the rules find in `transcript` on each of the six dimensions: always the same for the same words."""
    found, messages = _moves(transcript)
    return {dimension: _finding(dimension, found, messages=messages) for dimension in WEIGHINGS}


@lru_cache(maxsize=1024)
def _moves(transcript: Transcript) -> tuple[tuple[Found, ...], int]:
    lines = supporter_lines(transcript)
    sentences = dissect([line.text for line in lines])
    spoken = {sentence.message for sentence in sentences}
    return tuple(find_moves(sentences, lines)), len(spoken)


def _finding(dimension: Dimension, found: tuple[Found, ...], *, messages: int) -> Finding:
    weighing = WEIGHINGS[dimension]
    held = amount(found, weighing=weighing, messages=messages)
    value = score(held, weighing)
    where = f"in {held.messages} of {messages} messages" if held.quotes else "in none of the messages"
    reason = f"Counted {weighing.found} {where}; the weight of it comes to {held.total:.1f}."
    return Finding(reason=reason, quotes=held.quotes, score=value)


def _answer(subject: object) -> BaseModel:
    """A verdict on all that was asked; raises `BadRequest` for any other subject."""
    if not isinstance(subject, JudgeSubject):
        raise BadRequest(f"the rules judge cannot answer {type(subject).__name__}")
    rubric = subject.rubric
    form = verdict_form(rubric, subject.asked)
    if can_label(rubric):
        labels = labelled_by_rules(subject.transcript, rubric)
        return form(**{d: _as_answer(labels[d]) for d in subject.asked})
    if not rubric.is_framework:
        raise BadRequest(f"the rules cannot judge by {rubric.name}")
    findings = judged_by_rules(subject.transcript)
    return form(**{d: _as_answer(findings[Dimension(d)]) for d in subject.asked})


def _choose(subject: object) -> str:
    """The letter of the conversation with more of what helps and less of what does not; A where they are level."""
    if not isinstance(subject, PairSubject):
        raise BadRequest(f"the rules cannot compare {type(subject).__name__}")
    return "A" if _standing(subject.first) >= _standing(subject.second) else "B"


def _standing(transcript: Transcript) -> tuple[int, float]:
    """The overall score; between equals, how much stands behind it, each dimension by its own steps."""
    findings = judged_by_rules(transcript)
    found, messages = _moves(transcript)
    behind = {d: amount(found, weighing=w, messages=messages).total / w.steps[-1] for d, w in WEIGHINGS.items()}
    total = sum(behind[d] for d in PRESCRIPTIVE) - sum(behind[d] for d in PROSCRIPTIVE)
    return overall({d: finding.score for d, finding in findings.items()}) or 0, total


def _as_answer(finding: Finding) -> dict[str, object]:
    given = {"score": finding.score} if finding.labels is None else {"labels": list(finding.labels)}
    return {"reason": finding.reason, "quotes": list(finding.quotes), **given}
