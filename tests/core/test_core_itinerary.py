"""The itinerary: which steps each condition walks through, in which order, and what the rounds make of them."""

from __future__ import annotations

import re

import pytest

from core.itinerary import Step, itinerary
from core.study import Study

CONDITIONS = ("control", "video", "ai_coach", "combined")
ORDER = ("loss", "cancer", "job_loss")
BETWEEN = {"control": "", "video": "video ", "ai_coach": "coach ", "combined": "video coach "}


def page(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "kind": "page", "file": f"{name}.md", **more}


def survey(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "kind": "survey", "file": f"{name}.yaml", **more}


FILM = {"id": "film", "title": "Film", "url": "https://example.org/film.mp4", "seconds": 57}
ROUND = [
    {"id": "conversation", "kind": "conversation"},
    survey("self_assessment"),
    {"id": "lessons", "kind": "video", "videos": [FILM], "conditions": ["video", "combined"], "in_rounds": [1, 2]},
    {"id": "coach", "kind": "coach", "conditions": ["ai_coach", "combined"], "in_rounds": [1, 2]},
]
STEPS = [
    page("consent", consent=True),
    page("instructions"),
    survey("baseline"),
    {"rounds": 3, "steps": ROUND},
    survey("final"),
    survey("intervention", conditions=["video", "ai_coach", "combined"]),
    page("debrief"),
    {"id": "end", "kind": "end", "file": "end.md"},
]


def study(steps: list[dict[str, object]]) -> Study:
    return Study.model_validate(
        {
            "title": "Study",
            "contact": "a@example.org",
            "conditions": CONDITIONS,
            "scenarios": ["loss", "cancer", "job_loss", "promotion", "undervalued"],
            "help_lines": [{"name": "Line", "how": "Call"}],
            "completion": {"code": "DONE"},
            "steps": steps,
        }
    )


def walk(condition: str | None, steps: list[dict[str, object]] | None = None) -> tuple[Step, ...]:
    return itinerary(study(steps or STEPS), condition=condition, scenario_order=ORDER)


def kinds(steps: tuple[Step, ...]) -> str:
    return " ".join(step.kind for step in steps)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_journey_of_the_experiment(condition: str) -> None:
    """Consent and pages, baseline, three rounds with the condition's feedback between them, then the end (LE-1)."""
    round_ = "conversation survey "
    between = BETWEEN[condition]
    rated = "" if condition == "control" else "survey "
    journey = re.compile(rf"page page survey ({round_}{between}){{2}}{round_}survey {rated}page end")

    assert journey.fullmatch(kinds(walk(condition))), kinds(walk(condition))


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_round_has_its_scenario(condition: str) -> None:
    """Conversations take the scenarios in their order; no other step has one."""
    steps = walk(condition)

    assert [(s.round, s.scenario) for s in steps if s.kind == "conversation"] == list(enumerate(ORDER, start=1))
    assert {s.scenario for s in steps if s.kind != "conversation"} == {None}


def test_steps_of_rounds_bear_the_number_of_their_round() -> None:
    """In their ids as well, so that each answer belongs to one round."""
    steps = walk("combined")

    assert [s.id for s in steps if s.round == 2] == ["conversation_2", "self_assessment_2", "lessons_2", "coach_2"]
    assert [s.id for s in steps if s.round is None] == [
        "consent",
        "instructions",
        "baseline",
        "final",
        "intervention",
        "debrief",
        "end",
    ]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_ids_are_unique(condition: str) -> None:
    """Each step can be posted to by its id."""
    ids = [step.id for step in walk(condition)]

    assert len(ids) == len(set(ids))


def test_no_feedback_after_the_last_round() -> None:
    """Feedback is for the next conversation (C-20)."""
    assert [s.id for s in walk("combined") if s.round == 3] == ["conversation_3", "self_assessment_3"]


def test_before_consent_only_the_way_to_consent_is_known() -> None:
    """Without a condition nothing beyond the consent can be shown (LE-2)."""
    assert [step.id for step in walk(None)] == ["consent"]
    assert [step.id for step in walk(None, [page("welcome"), *STEPS])] == ["welcome", "consent"]


def test_rounds_of_two_blocks_are_counted_on() -> None:
    """A study may put something between its rounds: the second block goes on with number and scenario (LE-6)."""
    steps = walk(
        "control",
        [
            page("consent", consent=True),
            {"rounds": 1, "steps": [{"id": "first", "kind": "conversation"}]},
            survey("halfway"),
            {"rounds": 2, "steps": [{"id": "later", "kind": "conversation"}, survey("note", in_rounds=[3])]},
            {"id": "end", "kind": "end", "file": "end.md"},
        ],
    )

    assert [(s.id, s.round, s.scenario) for s in steps if s.round] == [
        ("first_1", 1, "loss"),
        ("later_2", 2, "cancer"),
        ("later_3", 3, "job_loss"),
        ("note_3", 3, None),
    ]
