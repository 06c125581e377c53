"""The verb compare: two transcripts in, one of them out, asked in both orders."""

from __future__ import annotations

from dataclasses import dataclass

from core.transcript import Transcript
from judges.cache import Answers, NoCache
from judges.criteria import Rubric
from llm.faults import ModelFault, NotAsked
from llm.models import Models
from llm.prompts import as_blocks, load_prompt
from llm.request import ModelRole, Prompt, Request

LETTERS = ("A", "B")
TIE = "tie"


@dataclass(frozen=True, slots=True)
class PairSubject:
    """What a comparing judge is asked about; `first` is shown as A."""

    first: Transcript
    second: Transcript
    rubric: Rubric


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of two questions about the same pair."""

    winner: str | None
    """`A`, `B`, or `tie` when the answer turned with the order; None when one of the two answers is missing."""
    letters: tuple[str | None, str | None]
    """What was answered: with A shown first, and with B in its place, who is then called A."""
    model: str | None
    """None when no model answered."""
    failure: str | None


class Comparer:
    """Compares transcripts by one rubric with whatever model plays the comparer."""

    def __init__(self, models: Models, rubric: Rubric, *, answers: Answers | None = None) -> None:
        self._models = models
        self._rubric = rubric
        self._answers = answers or NoCache()

    @property
    def prompt_version(self) -> str:
        return f"{self._rubric.prompt_name}/{self._rubric.prompt_version}"

    async def compare(self, a: Transcript, b: Transcript) -> Comparison:
        """Ask about the pair in both orders; what fails is missing with its reason. Raises `NotAsked` alone."""
        forward, swapped = await self._choose(a, b), await self._choose(b, a)
        failures = [choice.failure for choice in (forward, swapped) if choice.failure]
        return Comparison(
            winner=None if failures else _winner(forward.letter, swapped.letter),
            letters=(forward.letter, swapped.letter),
            model=forward.model or swapped.model,
            failure="; ".join(dict.fromkeys(failures)) or None,
        )

    async def _choose(self, first: Transcript, second: Transcript) -> _Choice:
        request = Request(
            role=ModelRole.COMPARER,
            subject=PairSubject(first, second, self._rubric),
            prompt=compare_prompt(first, second, self._rubric),
            parameters=dict(self._rubric.decoding),
            purpose=f"{first.id} {second.id}",
        )
        text = ""
        # Whatever is no single letter is asked for once more, past the answers that are kept (LE-142).
        for repeat in (1, 2):
            try:
                reply = await self._answers.text(self._models, request, repeat=repeat)
            except NotAsked:
                raise
            except ModelFault as fault:
                return _Choice(failure=f"{fault.kind}: {fault}")
            text = reply.text.strip()
            if text in LETTERS:
                return _Choice(letter=text, model=reply.label.model)
        return _Choice(failure=f"answered {text[:40]!r}, which is neither A nor B", model=reply.label.model)


@dataclass(frozen=True, slots=True)
class _Choice:
    letter: str | None = None
    model: str | None = None
    failure: str | None = None


def compare_prompt(first: Transcript, second: Transcript, rubric: Rubric) -> Prompt:
    """The prompt in which `first` is conversation A."""
    return load_prompt("judges", rubric.prompt_name, rubric.prompt_version).render(
        task=rubric.task,
        first=as_blocks(first.messages, prefix="A-"),
        second=as_blocks(second.messages, prefix="B-"),
    )


def _winner(forward: str | None, swapped: str | None) -> str:
    if forward == swapped:
        return TIE  # the same letter in both orders is a choice of the place, not of the conversation
    return "A" if forward == "A" else "B"
