"""Practice without a study: one conversation and the coach, no account, never exported."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from core.bundle import StudyBundle
from core.study import (
    AllocationRules,
    CoachRules,
    CoachStep,
    Completion,
    ConversationStep,
    EndStep,
    HelpLine,
    Rounds,
    Study,
)
from personas.persona import Persona

SLUG = "practice"
_HELP_LINES = (
    HelpLine(
        name="Emergency services",
        how="112 in Europe and many other countries, 911 in the US and Canada, 999 in the UK, 000 in Australia",
        where="If you or somebody else is in danger now",
    ),
    HelpLine(name="Find A Helpline", how="Free lines by country", url="https://findahelpline.com", where="worldwide"),
    HelpLine(name="988 Suicide & Crisis Lifeline", how="Call or text 988", url="https://988lifeline.org", where="US"),
    HelpLine(name="Samaritans", how="Call 116 123", url="https://www.samaritans.org", where="UK and Ireland"),
)
_END = """# Well done

That was one conversation, and you stayed with somebody in a hard moment. Come back whenever you like: another seeker is
waiting, and each conversation is different.
"""


def practice_bundle(personas: Mapping[str, Persona]) -> StudyBundle:
    """The study behind `/practice`: one condition, one round, the scenario chosen by the trainee."""
    study = Study(
        title="Practice",
        summary="One conversation at your own pace, and a coach who has read it.",
        contact="",
        conditions=("practice",),
        scenarios=tuple(personas),
        allocation=AllocationRules(block_sizes=(1,)),
        show_results=True,
        coach=CoachRules(min_questions=0),
        help_lines=_HELP_LINES,
        completion=Completion(code=""),
        steps=(
            Rounds(
                rounds=1,
                steps=(ConversationStep(id="conversation", kind="conversation"), CoachStep(id="coach", kind="coach")),
            ),
            EndStep(id="end", kind="end", file="end.md"),
        ),
    )
    definition = study.model_dump_json()
    return StudyBundle(
        slug=SLUG,
        hash=hashlib.sha256(definition.encode()).hexdigest(),
        study=study,
        definition=definition,
        pages={"end.md": _END},
        surveys={},
        lessons={},
    )
