"""Contexts as the server gives them, one per page, so that every template can be rendered and looked at."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from web_desk_samples import desk_pages

Context = dict[str, Any]

STUDY: Context = {
    "title": "Lend an Ear",
    "slug": "demo",
    "contact": "study@example.org",
    "on_withdrawal": "erase",
    "help_lines": [
        {
            "name": "Telephone listeners",
            "how": "Call 116 123, day and night",
            "url": "https://example.org",
            "where": "EU",
        },
        {"name": "Crisis line", "how": "Call or text 988", "url": None, "where": "USA"},
    ],
}
RULES_NOTICE = "rules: for trying out, not for research"


def me(kind: str, content: Context, *, index: int = 3, total: int | None = 17, number: int | None = None) -> Context:
    """What GET /api/me answers for a participant at a step of `kind`."""
    step: Context = {"id": f"{kind}_1", "kind": kind, "content": content}
    if number is not None:
        step["round"] = number
    return {
        "participant_id": "0192-7f",
        "study": "demo",
        "status": "active",
        "step": step,
        "progress": {"index": index, "total": total},
    }


def page(title: str, *, me: Context | None = None, **more: Any) -> Context:
    """The `page` of a participant's template."""
    return {
        "title": title,
        "study": deepcopy(STUDY),
        "csrf_token": "token-of-the-form",
        "csrf_field": "csrftoken",
        "me": me,
        "error": None,
        "answers": {},
        "home": "/s/demo",
        "rules_notice": None,
        **more,
    }


BODY = """You are invited to take part in a study about **listening**.

## What you will do

1. Talk to three partners, four minutes each.
2. Answer short questions after each conversation.

Your partners are played by a language model. Some topics are heavy: illness, the loss of somebody, trouble at work.
"""
SCALE = [
    {"value": 1, "label": "Not at all"},
    {"value": 2, "label": "A little"},
    {"value": 3, "label": "Somewhat"},
    {"value": 4, "label": "Much"},
    {"value": 5, "label": "Very much"},
]
LIKERT = [
    {
        "id": "empathized",
        "text": "How much did you feel with your partner?",
        "kind": "likert",
        "options": SCALE,
        "required": True,
    },
    {
        "id": "understanding",
        "text": "How well did you show that their pain had reached you?",
        "kind": "likert",
        "options": SCALE,
        "required": True,
    },
]
SEX = [{"value": "female", "label": "Female"}, {"value": "male", "label": "Male"}, {"value": "other", "label": "Other"}]
OTHERS = [
    {
        "id": "age",
        "text": "How old are you?",
        "kind": "number",
        "required": False,
        "minimum": 18,
        "maximum": 120,
        "unit": "years",
    },
    {"id": "sex", "text": "What is your sex?", "kind": "choice", "options": SEX, "required": True},
    {
        "id": "ethnicity",
        "text": "Which group do you belong to?",
        "kind": "choice",
        "options": [{"value": f"group_{i}", "label": f"Group {i}"} for i in range(1, 11)],
        "required": False,
        "hint": "Choose what fits best.",
    },
    {"id": "comment", "text": "Is there anything else you would like to tell us?", "kind": "text", "required": False},
    {"id": "honest", "text": "I answered without help from a program.", "kind": "checkbox", "required": True},
]
SURVEY: Context = {
    "title": "Your conversation",
    "intro": "Think of the conversation you have just had. There are **no** right answers.",
    "sections": [
        {"title": "How it went", "intro": "Please answer every question.", "items": LIKERT},
        {"title": "About you", "intro": "", "items": OTHERS},
    ],
    "items": [*LIKERT, *OTHERS],
}
TRANSCRIPT = [
    {"role": "seeker", "text": "My mother has been told she has cancer. I only heard yesterday."},
    {"role": "supporter", "text": "I am so sorry. How are you holding up?"},
    {"role": "seeker", "text": "Barely. I go through the day like a machine. She lives four hours away."},
    {"role": "supporter", "text": "That sounds so hard. Would it help to move closer to her?"},
    {"role": "seeker", "text": "Maybe. I don't know what I could even do there."},
]
COACH: Context = {
    "dialogue": "coach-1",
    "show_meters": True,
    "meters": {"validating": 7, "elaboration": 6, "understanding": 8},
    "title": "What the coach noticed",
    "greeting": "I am glad you took the time. What would you like to know about your conversation?",
    "reminder": "Please put at least one question to the coach before you go on to the next conversation.",
    "min_questions": 1,
    "transcript": TRANSCRIPT,
    "failed": False,
}
VIDEOS: Context = {
    "videos": [
        {
            "id": "lesson_one",
            "url": "/media/one.webm",
            "seconds": 3.0,
            "title": "Hearing the feeling",
            "captions": "/media/one.vtt",
            "transcript": "Feelings come *first*.",
        },
        {
            "id": "lesson_two",
            "url": "/media/two.webm",
            "seconds": 2.0,
            "title": "Asking for more",
            "captions": None,
            "transcript": None,
        },
    ]
}
PAIR: Context = {
    "title": "Pair 3 of 10",
    "question": "In which of the two would somebody feel better heard?",
    "trial": 3,
    "trials": 10,
    "left": TRANSCRIPT,
    "right": TRANSCRIPT[:3],
}
END: Context = {
    "title": "Thank you",
    "body": "You have finished the study. Your partners were played by a program.",
    "completion_code": "EAR-7Q2F-91",
    "redirect": "https://example.org/done?code=EAR-7Q2F-91",
    "results": True,
}
DIMENSIONS = [
    {
        "id": "encouraging_elaboration",
        "name": "Encouraging elaboration",
        "definition": "Asks openly for more.",
        "kind": "prescriptive",
    },
    {
        "id": "validating_emotions",
        "name": "Validating emotions",
        "definition": "Names feelings.",
        "kind": "prescriptive",
    },
    {
        "id": "demonstrating_understanding",
        "name": "Demonstrating understanding",
        "definition": "Gives back what was said.",
        "kind": "prescriptive",
    },
    {"id": "advice_giving", "name": "Giving advice unasked", "definition": "Tells what to do.", "kind": "proscriptive"},
    {"id": "self_oriented", "name": "Turning to oneself", "definition": "Moves the attention.", "kind": "proscriptive"},
    {
        "id": "dismissing_emotions",
        "name": "Dismissing emotions",
        "definition": "Makes feelings smaller.",
        "kind": "proscriptive",
    },
]


RATING: Context = {
    "title": "Conversation 2 of 12",
    "trial": 2,
    "trials": 12,
    "messages": TRANSCRIPT,
    "lowest": 1,
    "highest": 5,
    "dimensions": [
        {**{name: d[name] for name in ("id", "name", "definition")}, "low": "None of it.", "high": "All of it."}
        for d in DIMENSIONS
    ],
    "note": "Is there anything to add?",
}


def _round(number: int, scores: list[int | None], overall: int | None, *, pending: bool = False) -> Context:
    return {
        "round": number,
        "scenario_title": ["A mother's diagnosis", "The job is gone", "Passed over again"][number - 1],
        "messages": TRANSCRIPT,
        "scores": dict(zip([d["id"] for d in DIMENSIONS], scores, strict=True)),
        "overall": overall,
        "judged": [] if pending else [_judged(d["name"], score) for d, score in zip(DIMENSIONS, scores, strict=True)],
        "judged_by": None if pending else "rules:1",
        "felt": {"empathized": 3 + number % 2, "understanding": 3, "elaboration": 4, "desire_to_help": 5},
        "pending": pending,
    }


def _judged(name: str, score: int | None) -> Context:
    reason = "The judge could not be reached." if score is None else "One open question, and one feeling named."
    return {"name": name, "score": score, "reason": reason, "quotes": [TRANSCRIPT[1]["text"]] if score else []}


RESULTS: Context = {
    "rounds": [
        _round(1, [2, 2, 1, 4, 2, 1], -2),
        _round(2, [3, 4, 3, 2, 1, None], None),
        _round(3, [None] * 6, None, pending=True),
    ],
    "dimensions": DIMENSIONS,
}


def conversation(dialogue: str = "conversation-1", *, limit_ms: int = 240_000) -> Context:
    """The context of a conversation page."""
    content = {
        "dialogue": dialogue,
        "limit_ms": limit_ms,
        "scenario_title": "Rachel",
    }
    return {"page": page("Conversation 1", me=me("conversation", content, number=1), rules_notice=RULES_NOTICE)}


def coach(dialogue: str = "coach-1", **changes: Any) -> Context:
    """The context of a coach page."""
    content = {**deepcopy(COACH), "dialogue": dialogue, **changes}
    return {
        "page": page("What the coach noticed", me=me("coach", content, index=8, number=1), rules_notice=RULES_NOTICE)
    }


def survey(**changes: Any) -> Context:
    """The context of a survey page; `changes` go to `page`."""
    return {"page": page("Your conversation", me=me("survey", deepcopy(SURVEY), index=5), **changes)}


def participant_pages() -> dict[str, tuple[str, Context]]:
    """Every page for participants in each of its states: name -> (template, context)."""
    consent = {"title": "Taking part", "body": BODY, "consent": True, "time_factors": [1, 1.5, 2]}
    text = {"title": "How it works", "body": BODY, "consent": False}
    first = me("page", consent, index=1, total=None)
    nobody = page("lendanear", study=None, home="/")
    practice = page("Practice", home="/practice")
    refused = {"message": "Please answer this question.", "item": "empathized"}
    not_ready = {"message": "The second video has not been watched to the end yet."}
    scenarios = [
        {"id": f"s{i}", "title": f"Scenario {i}", "summary": "Somebody has a hard time at work."} for i in range(1, 6)
    ]
    done = {**me("end", END, index=17), "status": "complete"}
    gone = {**me("end", {**END, "completion_code": None}, index=17), "status": "withdrawn"}
    return {
        "consent": ("participant/consent.html", {"page": page("Taking part"), "step": first["step"]}),
        "consent_refused": (
            "participant/consent.html",
            {
                "page": page("Taking part", error={"message": "Please agree first.", "item": "consent"}),
                "step": first["step"],
            },
        ),
        "page": ("participant/page.html", {"page": page("How it works", me=me("page", text, index=2))}),
        "survey": ("participant/survey.html", survey()),
        "survey_refused": (
            "participant/survey.html",
            survey(error=refused, answers={"understanding": "4", "age": "abc", "comment": "Hm"}),
        ),
        "conversation": ("participant/conversation.html", conversation()),
        "coach": ("participant/coach.html", coach()),
        "coach_waiting": ("participant/coach.html", coach("coach-slow", meters=None)),
        "coach_without_scores": ("participant/coach.html", coach("coach-slow", meters=None, show_meters=False)),
        "coach_failed": ("participant/coach.html", coach("coach-failed", meters=None, failed=True)),
        "video": ("participant/video.html", {"page": page("Short lessons", me=me("video", VIDEOS, index=7))}),
        "video_refused": (
            "participant/video.html",
            {"page": page("Short lessons", me=me("video", VIDEOS, index=7), error=not_ready)},
        ),
        "comparison": ("participant/comparison.html", {"page": page("Pair 3 of 10", me=me("comparison", PAIR))}),
        "comparison_refused": (
            "participant/comparison.html",
            {"page": page("Pair 3 of 10", me=me("comparison", PAIR), error={"message": "Choose.", "item": "choice"})},
        ),
        "rating": ("participant/rating.html", {"page": page("Conversation 2", me=me("rating", RATING))}),
        "rating_refused": (
            "participant/rating.html",
            {
                "page": page(
                    "Conversation 2",
                    me=me("rating", RATING),
                    error={"message": "Please answer this question.", "item": "advice_giving"},
                    answers={"self_oriented": "2", "note": "Hm"},
                )
            },
        ),
        "end": ("participant/end.html", {"page": page("Thank you", me=done)}),
        "results": ("participant/results.html", {"page": page("Your conversations", me=done), "results": RESULTS}),
        "withdraw": ("participant/withdraw.html", {"page": page("Withdraw", me=me("survey", SURVEY))}),
        "withdrawn": ("participant/withdrawn.html", {"page": page("You have withdrawn", me=gone)}),
        "practice": ("participant/practice.html", {"page": practice, "scenarios": scenarios}),
        "studies": (
            "participant/studies.html",
            {
                "page": nobody,
                "studies": [
                    {"slug": "demo", "title": "Lend an Ear", "summary": "Three short conversations.", "url": "/s/demo"}
                ],
            },
        ),
        "error": (
            "error.html",
            {"status": 404, "code": "not_found", "message": "There is nothing at this address."},
        ),
        "unavailable": ("unavailable.html", {}),
    }


def all_pages() -> dict[str, tuple[str, Context]]:
    """Every page in each of its states: name -> (template, context)."""
    return {**participant_pages(), **desk_pages()}
