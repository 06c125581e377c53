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
        "csrf_field": "csrftoken",
        "csrf_token": "token-of-the-form",
        "error": None,
        "account": {"name": "ada", "role": "experimenter"},
        "rules_notice": "rules: for trying out, not for research",
        "place": "studies",
        "address": "http://127.0.0.1:8000",
        **more,
    }


STUDY: Context = {
    "slug": "demo",
    "title": "Lend an Ear",
    "summary": "Three short conversations.",
    "url": "/desk/studies/demo",
    "link": "/s/demo",
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
            "is_damaged": False,
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
            "is_damaged": False,
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
            "is_damaged": True,
            "url": "/desk/t/3",
        },
    ],
}
ROLE_BREAKS: list[Context] = [
    {
        "condition": condition,
        "replies": 6_120,
        "broken": broken,
        "regenerated": broken // 2,
        "safe_line": broken // 40,
        "kinds": {"gives_advice": broken // 3, "too_short": broken // 4, "too_long": broken // 5} if broken else {},
    }
    for condition, broken in zip(CONDITIONS, (241, 203, 0, 260), strict=True)
]
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
    "damage": None,
    "entries": [
        {
            "kind": "message",
            "seq": 1,
            "role": "seeker",
            "text": "They let me go on Friday.",
            "at": AT,
            "pasted": False,
            "compose_ms": None,
            "moves": [],
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
            "moves": [{"tag": "self_oriented", "quote": "The same happened to me."}],
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


FIGURE: Context = {"value": -0.123, "low": -0.5, "high": 0.25}
JUDGED: Context = {
    "name": "rules:1",
    "dimensions": ["Validating emotions", "Turning to oneself"],
    "rows": [
        {"name": name, "cells": [FIGURE] * 5, "among": [FIGURE, {"value": None, "low": None, "high": None}]}
        for name in ("Validating emotions", "Turning to oneself")
    ],
    "places": [{"name": name, "cells": [FIGURE] * 2} for name in ("rules:1", "rita", "rob")],
    "confusion": [{"name": "Validating emotions", "values": ["1", "2"], "rows": [{"judge": "2", "cells": [3, 14]}]}],
    "apart": [{"transcript": "talk 7", "dimension": "Advice", "judged": 1.0, "rated": 3.5, "url": "/desk/t/7"}],
}
ADJUDICATION: Context = {
    "id": "talk 7",
    "study": "Rating conversations",
    "study_url": "/desk/judging/demo",
    "action": "/desk/judging/demo/conversations/talk%207",
    "messages": [{"role": "seeker", "text": "It was a bad week."}, {"role": "supporter", "text": "Tell me."}],
    "values": [1, 2, 3, 4, 5],
    "remarks": [{"rater": "Rater 1", "text": "It breaks off."}],
    "disputed": 1,
    "dimensions": [
        {
            "id": "validating_emotions",
            "name": "Validating emotions",
            "definition": "Feelings are named.",
            "low": "None is.",
            "high": "All are.",
            "scores": [{"rater": "Rater 1", "score": 1}, {"rater": "Rater 2", "score": 4}],
            "is_disputed": True,
            "decided": {"score": 2, "by": "ada", "at": AT, "reason": "One is named."},
        },
        {
            "id": "advice_giving",
            "name": "Giving advice unasked",
            "definition": "Tells what to do.",
            "low": "Never.",
            "high": "Always.",
            "scores": [],
            "is_disputed": False,
            "decided": None,
        },
    ],
}


def judging_pages() -> dict[str, tuple[str, Context]]:
    """The pages on people who judge, and a rater's own."""
    rater = desk_page("Your ratings", place="queues", account={"name": "rita", "role": "rater"})
    queue = {"title": "Rating", "summary": "Read and rate.", "contact": "ada", "url": "/desk/queues/demo"}
    queues = [
        {**queue, "state": state, "done": done, "trials": 12 if done else 0}
        for state, done in (("new", 0), ("begun", 5), ("complete", 12), ("withdrawn", 3))
    ]
    card = {"title": "Pairs", "kind": "pairs", "url": None, "conversations": 150, "export_command": "lendanear export"}
    counts = {"sequences": 150, "complete": 40, "under_way": 3, "withdrawn": 1, "free": 106}
    row = {"transcript": "talk 7", "dimension": "Advice", "scores": [1, 4], "spread": 3, "url": "/desk/t/7"}
    ratings = {
        "rater_command": "lendanear user add NAME --role rater",
        "title": "Rating conversations",
        "url": "/desk/judging/demo",
        "conversations": 12,
        "raters_per_transcript": 3,
        "apart": 2,
        "rated_by_all": 9,
        "raters": [{"name": "rita", "rated": 12}],
        "left": 1,
        "disputed": [{**row, "decided": None}, {**row, "decided": 2}],
    }
    agreement = {"title": "Rating", "url": "/desk/judging/demo", "raters": 2, "has_judge": True, "judges": [JUDGED]}
    page = desk_page("Judging", place="judging")
    decision = {"page": page, "conversation": ADJUDICATION, "answers": {}}
    return {
        "desk_queues": ("desk/queues.html", {"page": rater, "queues": queues}),
        "desk_judging": ("desk/judging.html", {"page": page, "judging": [{**card, **counts}]}),
        "desk_ratings": ("desk/ratings.html", {"page": page, "ratings": ratings}),
        "desk_adjudicate": ("desk/adjudicate.html", {**decision, "may_decide": True}),
        "desk_ratings_read": ("desk/adjudicate.html", {**decision, "may_decide": False}),
        "desk_agreement": ("desk/agreement.html", {"page": page, "agreement": agreement}),
    }


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
            {
                **study,
                "role_breaks": ROLE_BREAKS,
                "allocation": allocation,
                "export_command": "lendanear export demo --out DIR",
            },
        ),
        "desk_study_live": ("desk/_study_live.html", {"live": LIVE}),
        "desk_transcript": ("desk/transcript.html", {"page": desk_page("A transcript"), "transcript": TRANSCRIPT}),
        "desk_models": (
            "desk/models.html",
            {"page": desk_page("Models", place="models"), "models": MODELS, "totals": totals},
        ),
        **judging_pages(),
    }
