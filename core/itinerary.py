"""The itinerary: the flat list of steps that one participant walks through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.study import ConversationStep, JudgingStep, Rounds, StepDefinition, Study


@dataclass(frozen=True, slots=True)
class Step:
    """One station of an itinerary."""

    id: str
    definition: StepDefinition
    round: int | None = None
    """The round it belongs to, from 1; None outside rounds."""
    scenario: str | None = None
    """Of the round's conversation."""
    trial: int | None = None
    """Its place in a sequence of conversations to judge, from 1; None elsewhere."""

    @property
    def kind(self) -> str:
        return self.definition.kind


def itinerary(study: Study, *, condition: str | None, scenario_order: Sequence[str]) -> tuple[Step, ...]:
    """The steps of a participant, in order.

    Without a condition (before consent) only the steps up to the consent are known. `scenario_order` names one scenario
    per round. The ids of steps inside rounds get the round's number: `conversation_1`; a judging step is one step for
    each trial: `pair_1`. Several blocks of rounds are counted on, so that nobody meets a scenario twice.
    """
    if condition is None:
        return _until_consent(study)
    steps: list[Step] = []
    rounds_before = 0
    for block in study.steps:
        if isinstance(block, Rounds):
            numbers = range(rounds_before + 1, rounds_before + block.rounds + 1)
            steps += _rounds(block, numbers, condition=condition, scenario_order=scenario_order)
            rounds_before += block.rounds
        elif _is_for(block, condition):
            steps += _single(block)
    return tuple(steps)


def _single(block: StepDefinition) -> list[Step]:
    if not isinstance(block, JudgingStep):
        return [Step(id=block.id, definition=block)]
    return [Step(id=f"{block.id}_{n}", definition=block, trial=n) for n in range(1, block.trials + 1)]


def _until_consent(study: Study) -> tuple[Step, ...]:
    steps: list[Step] = []
    for definition in study.definitions:
        steps.append(Step(id=definition.id, definition=definition))
        if getattr(definition, "consent", False):
            break
    return tuple(steps)


def _rounds(block: Rounds, numbers: range, *, condition: str, scenario_order: Sequence[str]) -> list[Step]:
    return [
        Step(
            id=f"{definition.id}_{number}",
            definition=definition,
            round=number,
            scenario=scenario_order[number - 1] if isinstance(definition, ConversationStep) else None,
        )
        for number in numbers
        for definition in block.steps
        if _is_for(definition, condition) and number in (definition.in_rounds or (number,))
    ]


def _is_for(definition: StepDefinition, condition: str) -> bool:
    return definition.conditions is None or condition in definition.conditions
