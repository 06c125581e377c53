"""What a study means: faults of a definition that is well formed and yet cannot be run, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.itinerary import itinerary
from core.study import (
    CoachStep,
    ConversationRules,
    ConversationStep,
    EndStep,
    JudgingStep,
    PageStep,
    Rounds,
    StepDefinition,
    Study,
    Video,
    VideoStep,
)

YamlPath = tuple[str | int, ...]
Complaint = tuple[YamlPath, str]
SHORTEST_S, LONGEST_S = 30, 6 * 60 * 60
"""Of a conversation: below, nobody can say anything; above, milliseconds were meant."""
SHORTEST_IDLE_S = 10


@dataclass(frozen=True, slots=True)
class PlacedStep:
    """A step's definition with its place in `study.yaml`."""

    path: YamlPath
    step: StepDefinition
    rounds: range | None = None
    """The numbers of the rounds it stands in; None outside rounds."""


def placed_steps(study: Study) -> tuple[PlacedStep, ...]:
    """Every step definition in order, those of rounds once; blocks of rounds are counted on, as in the itinerary."""
    placed: list[PlacedStep] = []
    before = 0
    for index, block in enumerate(study.steps):
        if isinstance(block, Rounds):
            numbers = range(before + 1, before + block.rounds + 1)
            placed += (PlacedStep(("steps", index, "steps", i), s, numbers) for i, s in enumerate(block.steps))
            before += block.rounds
        else:
            placed.append(PlacedStep(("steps", index), block))
    return tuple(placed)


def complaints(study: Study, *, scenarios: frozenset[str]) -> Iterator[Complaint]:
    """All that would strand people later, or show them the same partner twice; `scenarios` have a persona."""
    for index, scenario in enumerate(study.scenarios):
        if scenario not in scenarios:
            yield ("scenarios", index), f"no persona has the scenario {scenario!r}"
    placed = placed_steps(study)
    yield from _limits(study.conversation)
    yield from _names(study, placed)
    yield from _rounds(study, placed)
    yield from _videos(placed)
    yield from _beginning_and_end(study, placed)
    yield from _conversations(study, placed)
    yield from _judging(placed)


def _limits(rules: ConversationRules) -> Iterator[Complaint]:
    if not SHORTEST_S <= rules.limit_s <= LONGEST_S:
        yield (
            ("conversation", "limit_s"),
            f"a conversation has {SHORTEST_S} to {LONGEST_S} seconds, not {rules.limit_s:g}; "
            "rehearsals are made quicker by LENDANEAR_TIME_SCALE",
        )
    if rules.idle_s < SHORTEST_IDLE_S:
        yield ("conversation", "idle_s"), f"the clock cannot stop before {SHORTEST_IDLE_S} seconds without a message"


def _names(study: Study, placed: tuple[PlacedStep, ...]) -> Iterator[Complaint]:
    seen: set[str] = set()
    for place in placed:
        if place.step.id in seen:
            yield place.path, f"two steps have the id {place.step.id!r}"
        seen.add(place.step.id)
        for index, condition in enumerate(place.step.conditions or ()):
            if condition not in study.conditions:
                yield (*place.path, "conditions", index), f"{condition!r} is none of the study's conditions"
    walked = {f"{place.step.id}_{number}" for place in placed for number in place.rounds or ()}
    trials = {
        f"{step.id}_{n + 1}" for step in study.definitions if isinstance(step, JudgingStep) for n in range(step.trials)
    }
    for place in placed:
        if place.rounds is None and place.step.id in walked:
            yield place.path, f"{place.step.id!r} is what a step inside `rounds` is called in one of its rounds"
        if place.step.id in trials:
            yield place.path, f"{place.step.id!r} is what a trial of another step is called"


def _rounds(study: Study, placed: tuple[PlacedStep, ...]) -> Iterator[Complaint]:
    for index, block in enumerate(study.steps):
        if isinstance(block, Rounds) and not any(isinstance(step, ConversationStep) for step in block.steps):
            yield ("steps", index), "rounds are counted by their conversations: they need a step of that kind"
    for place in placed:
        where = (*place.path, "in_rounds")
        if place.step.in_rounds is not None and place.rounds is None:
            yield where, "`in_rounds` means nothing outside `rounds`"
        for number in place.step.in_rounds or ():
            if place.rounds is not None and number not in place.rounds:
                here = f"{place.rounds[0]} to {place.rounds[-1]}"
                yield where, f"there is no round {number} here: the rounds of this block are {here}"


def _videos(placed: tuple[PlacedStep, ...]) -> Iterator[Complaint]:
    """One id names one film: lessons are kept and watched by it."""
    films: dict[str, Video] = {}
    for place in placed:
        shown: set[str] = set()
        for index, video in enumerate(place.step.videos if isinstance(place.step, VideoStep) else ()):
            if video.id in shown or films.setdefault(video.id, video) != video:
                yield (*place.path, "videos", index, "id"), f"two videos have the id {video.id!r}"
            shown.add(video.id)


def _beginning_and_end(study: Study, placed: tuple[PlacedStep, ...]) -> Iterator[Complaint]:
    consents = [place for place in placed if isinstance(place.step, PageStep) and place.step.consent]
    if len(consents) != 1 or consents[0].path != ("steps", 0):
        yield ("steps", 0), "the first step, and no other, must be a page with `consent: true`"
    elif consents[0].step.conditions is not None:
        yield (*consents[0].path, "conditions"), "everybody is asked for consent: it comes before the condition"
    last = ("steps", len(study.steps) - 1)
    if not isinstance(study.steps[-1], EndStep):
        yield last, "the last step must be of the kind `end`"
    for place in placed:
        if isinstance(place.step, EndStep) and place.path != last:
            yield place.path, "an `end` can only be the last step: nobody goes on from there"
        elif isinstance(place.step, EndStep) and place.step.conditions is not None:
            yield (*place.path, "conditions"), "everybody comes to the end: it cannot be for some conditions"


def _conversations(study: Study, placed: tuple[PlacedStep, ...]) -> Iterator[Complaint]:
    """Whom everybody meets, walked through condition by condition; a complaint comes once for each place."""
    for place in placed:
        if isinstance(place.step, ConversationStep | CoachStep) and place.rounds is None:
            yield place.path, f"a {place.step.kind} belongs inside `rounds`"
    paths = {id(place.step): place.path for place in placed}
    found: dict[YamlPath, str] = {}
    for condition in study.conditions:
        met: set[int | None] = set()
        for step in itinerary(study, condition=condition, scenario_order=study.scenarios):
            if isinstance(step.definition, ConversationStep) and step.round is not None:
                if step.round in met:
                    found[paths[id(step.definition)]] = "a round has one conversation, and this is a second"
                met.add(step.round)
            elif isinstance(step.definition, CoachStep) and step.round is not None and step.round not in met:
                found[paths[id(step.definition)]] = "a coach needs a conversation before it in the same round"
    yield from found.items()


def _judging(placed: tuple[PlacedStep, ...]) -> Iterator[Complaint]:
    """One step of each kind, outside rounds: the desk and the dataset know people's judgements by their kind."""
    seen: set[str] = set()
    for place in placed:
        if not isinstance(place.step, JudgingStep):
            continue
        if place.rounds is not None:
            yield place.path, f"a {place.step.kind} belongs outside `rounds`: it brings its own trials"
        if place.step.kind in seen:
            yield place.path, f"a study has one step of the kind {place.step.kind}, and this is a second"
        seen.add(place.step.kind)
