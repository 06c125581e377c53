"""A page of ours as an answer: what every page is given, and that nobody keeps it."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from llm.rules import RULES_NOTICE
from server.access import world_of
from web.pages import render

CSRF_FIELD = "csrftoken"
SEE_OTHER = 303


def page_of(request: Request, *, title: str, **more: Any) -> dict[str, Any]:
    """The `page` of a template, for participants and at the desk; `more` is what the page's own frame wants beside."""
    return {
        "title": title,
        "csrf_field": CSRF_FIELD,
        "csrf_token": request.scope["csrftoken"](),
        "rules_notice": RULES_NOTICE if world_of(request).uses_rules else None,
        **more,
    }


def html(template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The rendered template; what is about a person is kept in no cache."""
    return HTMLResponse(render(template, **context), status_code=status, headers={"cache-control": "no-store"})
