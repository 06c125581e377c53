"""Contexts of the desk's pages, as the server gives them."""

from __future__ import annotations

from typing import Any

Context = dict[str, Any]
AT = "2026-11-20T15:04:05.250Z"
CONDITIONS = ["control", "video", "ai_coach", "combined"]


def desk_page(title: str, **more: Any) -> Context:
    """The `page` of a template of the desk."""
    return {
        "title": title,
        "root": "",
        "csrf_field": "csrftoken",
        "csrf_token": "token-of-the-form",
        "error": None,
        "account": {"name": "ada", "role": "experimenter"},
        "rules_notice": "rules/1: for trying out, not for research",
        "place": "studies",
        **more,
    }


STUDY: Context = {
    "slug": "demo",
    "title": "Lend an Ear",
    "summary": "Three short conversations.",
    "url": "/desk/studies/demo",
    "link": "http://127.0.0.1:8000/s/demo",
    "frozen": True,
    "hash": "3f9a0c1be77d2290aa",
    "contact": "study@example.org",
    "participants": 1312,
    "active": 12,
    "complete": 1290,
    "withdrawn": 10,
    "pilots": 40,
    "running": 3,
    "alerts": 1,
}
LIVE: Context = {
    "at": AT,
    "root": "",
    "csrf_field": "csrftoken",
    "csrf_token": "a-token",
    "conditions": CONDITIONS,
    "funnel": [
        {"step": "instructions", "kind": "page", "reached": dict.fromkeys(CONDITIONS, 300), "here": {"video": 1}},
        {"step": "conversation_1", "kind": "conversation", "reached": dict.fromkeys(CONDITIONS, 298), "here": {}},
        {"step": "lessons_1", "kind": "video", "reached": {"video": 290, "combined": 291}, "here": {"combined": 2}},
    ],
    "alerts": [
        {
            "at": AT,
            "participant": "0192-7f",
            "text": "Words about harming oneself.",
            "url": "/desk/t/1",
            "open": True,
            "seen_url": "/s",
        }
    ],
    "conversations": [
        {
            "participant": "0192-7f",
            "condition": "ai_coach",
            "round": 1,
            "scenario": "job_loss",
            "kind": "conversation",
            "remaining_s": 202.4,
            "running": True,
            "paused_by": [],
            "messages": 5,
            "url": "/desk/t/1",
        },
        {
            "participant": "0192-80",
            "condition": "combined",
            "round": 2,
            "scenario": "loss",
            "kind": "conversation",
            "remaining_s": 100,
            "running": False,
            "paused_by": ["hidden", "idle"],
            "messages": 4,
            "url": "/desk/t/2",
        },
        {
            "participant": "0192-81",
            "condition": "combined",
            "round": 2,
            "scenario": "loss",
            "kind": "coach",
            "remaining_s": None,
            "running": False,
            "paused_by": [],
            "messages": 3,
            "url": "/desk/t/3",
        },
    ],
}
TRANSCRIPT: Context = {
    "id": "d1",
    "participant": "0192-7f",
    "study": "Lend an Ear",
    "study_url": "/desk/studies/demo",
    "condition": "ai_coach",
    "round": 1,
    "scenario": "job_loss",
    "kind": "conversation",
    "started_at": AT,
    "ended_at": None,
    "end_reason": None,
    "active_s": 37.6,
    "wall_s": 60,
    "model": "rules:1",
    "prompt_version": "seeker/1",
    "entries": [
        {
            "kind": "message",
            "seq": 1,
            "role": "seeker",
            "text": "They let me go on Friday.",
            "at": AT,
            "pasted": False,
            "compose_ms": None,
        },
        {"kind": "pause", "causes": ["hidden"], "at": AT, "seconds": 12.25},
        {
            "kind": "message",
            "seq": 4,
            "role": "supporter",
            "text": "That must hurt.",
            "at": AT,
            "pasted": True,
            "compose_ms": 4210,
        },
        {"kind": "note", "text": "taken over by another connection", "at": AT},
    ],
    "scores": [
        {
            "judge": "lend_an_ear",
            "model": "rules:1",
            "version": "1.0",
            "overall": -2,
            "failure": None,
            "dimensions": [
                {
                    "name": "Validating emotions",
                    "score": 3,
                    "reason": "Names the hurt once.",
                    "quotes": ["That must hurt."],
                },
                {"name": "Giving advice unasked", "score": None, "reason": "", "quotes": []},
            ],
        },
        {
            "judge": "lend_an_ear",
            "model": "openai:gpt-4o",
            "version": "1.0",
            "overall": None,
            "failure": "The answer was cut off.",
            "dimensions": [],
        },
    ],
}
MODELS = [
    {
        "role": "seeker",
        "model": "openai:gpt-4o",
        "state": "failing",
        "since": AT,
        "last_error": "Too many requests",
        "calls": 4100,
        "failed": 3,
        "tokens_in": 1_200_345,
        "tokens_out": 90_111,
        "cost": 12.3456,
        "cost_note": "list price",
    },
    {
        "role": "judge",
        "model": "rules:1",
        "state": "unknown",
        "since": None,
        "last_error": None,
        "calls": 0,
        "failed": 0,
        "tokens_in": 0,
        "tokens_out": 0,
        "cost": None,
        "cost_note": "",
    },
]


def desk_pages() -> dict[str, tuple[str, Context]]:
    """Every page of the desk: name -> (template, context)."""
    allocation = {"seed": None, "block_sizes": [4, 8], "drawn": 1204, "by_condition": dict.fromkeys(CONDITIONS, 301)}
    study = {"page": desk_page("Lend an Ear"), "study": STUDY, "live": LIVE, "live_url": "/page/desk_study_live"}
    totals = {"calls": 4100, "failed": 3, "tokens_in": 1_200_345, "tokens_out": 90_111, "cost": 12.3456}
    login = desk_page("Log in", account=None, error={"message": "Name and password do not fit together."})
    return {
        "desk_login": ("desk/login.html", {"page": login, "next": "/desk"}),
        "desk_studies": ("desk/studies.html", {"page": desk_page("Studies"), "studies": [STUDY]}),
        "desk_study": (
            "desk/study.html",
            {**study, "allocation": allocation, "export_command": "lendanear export demo --out DIR"},
        ),
        "desk_study_live": ("desk/_study_live.html", {"live": LIVE}),
        "desk_transcript": ("desk/transcript.html", {"page": desk_page("A transcript"), "transcript": TRANSCRIPT}),
        "desk_models": (
            "desk/models.html",
            {"page": desk_page("Models", place="models"), "models": MODELS, "totals": totals},
        ),
    }
