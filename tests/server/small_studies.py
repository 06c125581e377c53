"""Small studies for tests: the shipped engine on a few steps, so that nobody waits for what is not tested."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from core.dimensions import DIMENSIONS

STUDIES = Path(__file__).parents[2] / "studies"
SHIPPED = STUDIES / "lend_an_ear"
CONSENT = {"id": "consent", "kind": "page", "file": "page.md", "consent": True}
END = {"id": "end", "kind": "end", "file": "page.md"}
TALK = {"id": "talk", "kind": "conversation"}
FELT = {"id": "felt", "kind": "survey", "file": "felt.yaml"}
COACH = {"id": "coach", "kind": "coach"}
LESSON = {"id": "lesson", "title": "A lesson", "url": "https://lessons.example/film.mp4", "seconds": 31}
PAIRS = {
    "id": "pair",
    "kind": "comparison",
    "question": "Which?",
    "stimuli": {"source": "said.jsonl"},
    "trials": 2,
    "sequences": 50,
    "abandoned_after_min": 600,
}
RATINGS = {
    "id": "rating",
    "kind": "rating",
    "stimuli": {"source": "said.jsonl"},
    "trials": 4,
    "raters_per_transcript": 2,
}
LESSONS = {"id": "lessons", "kind": "video", "videos": [LESSON]}
AS_LONG_AS_IT_TAKES = 3600
"""Seconds of a conversation that no test outlives, also at scale 60."""

ITEMS = [
    {
        "id": "empathized",
        "instrument": "self_assessment",
        "text": "How much?",
        "kind": "likert",
        "options": [{"value": n, "label": str(n)} for n in range(1, 6)],
    },
    {"id": "age", "instrument": "demographics", "text": "Age", "kind": "number", "minimum": 18, "required": False},
    {"id": "comment", "instrument": "final", "text": "Anything?", "kind": "text", "required": False},
    {"id": "ready", "instrument": "final", "text": "Ready?", "kind": "checkbox", "required": False},
]


def write_study(
    folder: Path,
    *steps: Mapping[str, Any],
    conditions: Sequence[str] = ("only",),
    rounds: int = 1,
    after: Sequence[Mapping[str, Any]] = (),
    conversation: Mapping[str, Any] | None = None,
    **more: Any,
) -> Path:
    """Write a study of consent, `rounds` times the `steps` if there are any, then `after` and the end; the folder."""
    folder.mkdir(parents=True)
    (folder / "page.md").write_text("# A page\n\nPlease read this.\n")
    (folder / "said.jsonl").write_text("".join(json.dumps(said(n)) + "\n" for n in range(1, 5)))
    (folder / "judged.jsonl").write_text("".join(json.dumps(judged(n)) + "\n" for n in range(1, 5)))
    (folder / "felt.yaml").write_text(yaml.safe_dump({"title": "Felt", "sections": [{"items": ITEMS}]}))
    study = {
        "title": "A small study",
        "contact": "nobody@study.example",
        "conditions": list(conditions),
        "scenarios": ["job_loss", "cancer", "loss"],
        "allocation": {"block_sizes": [len(conditions)]},
        "conversation": {"limit_s": AS_LONG_AS_IT_TAKES, "idle_s": AS_LONG_AS_IT_TAKES, **(conversation or {})},
        "help_lines": [{"name": "A line", "how": "Call 1"}],
        "completion": {"code": "DONE"},
        "steps": [CONSENT, *([{"rounds": rounds, "steps": list(steps)}] if steps else []), *after, END],
        **more,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    return folder


def said(number: int) -> dict[str, Any]:
    """A line of a transcript file: a short conversation, unlike those of other numbers."""
    lines = [("seeker", f"It has been a bad week, for reason {number}."), ("supporter", "Tell me more.")]
    messages = [{"role": role, "text": text} for role, text in lines]
    return {"id": f"talk_{number}", "scenario": "loss", "messages": messages}


def judged(number: int) -> dict[str, Any]:
    """What a judge wrote about the conversation of that number: one score for all dimensions, 1 to 4."""
    scores = dict.fromkeys((dimension.value for dimension in DIMENSIONS), number)
    row = {"id": f"talk_{number}", "rubric": "empathy", "rubric_version": "1", "model": "scripted:1", "repeat": 1}
    return {**row, "scores": scores, "failure": None}


def write_studies(folder: Path) -> Path:
    """The studies that most tests share, beside the shipped one."""
    for shipped in ("lend_an_ear", "preferences", "expert_rating"):
        (folder / shipped).symlink_to(STUDIES / shipped, target_is_directory=True)
    write_study(folder / "unhurried", TALK, FELT, COACH, time_factors=[1, 1.5, 2])
    write_study(folder / "brief", TALK, FELT, COACH, conversation={"limit_s": 60}, show_results=True)
    write_study(folder / "kept", TALK, FELT, COACH, on_withdrawal="keep")
    write_study(folder / "restless", TALK, FELT, conversation={"idle_s": 30})
    write_study(folder / "wordwise", TALK, conversation={"reveal": "words"})
    write_study(folder / "watching", after=[LESSONS])
    write_study(folder / "asking", after=[FELT])
    write_study(folder / "fifty", after=[PAIRS], title="Fifty places")
    for slug in ("one_place", "full"):
        write_study(folder / slug, after=[PAIRS | {"sequences": 1}], title=slug)
    for slug in ("impatient", "passing"):
        write_study(folder / slug, after=[PAIRS | {"sequences": 1, "abandoned_after_min": 1}], title=slug)
    write_study(folder / "raters", after=[RATINGS], entry="raters")
    by_judge = RATINGS | {"stimuli": {"source": "said.jsonl", "scores": "judged.jsonl"}}
    write_study(folder / "judged", after=[by_judge], entry="raters", title="Ratings for tests")
    for slug in ("four", "exported"):
        write_study(
            folder / slug,
            TALK,
            FELT,
            {**LESSONS, "conditions": ["video", "combined"], "in_rounds": [1]},
            {**COACH, "conditions": ["ai_coach", "combined"], "in_rounds": [1]},
            conditions=("control", "video", "ai_coach", "combined"),
            rounds=2,
            conversation={"limit_s": 60},
            time_factors=[1, 1.5],
            title=f"Everything in two rounds ({slug})",
        )
    return folder
