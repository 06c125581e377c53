"""What every page of participants is given: their study, their place, help lines, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from core.bundle import StudyBundle
from core.errors import LendanearError
from server.access import world_of
from server.html import page_of
from server.practice import SLUG as PRACTICE


def participant_page(
    request: Request,
    bundle: StudyBundle | None,
    *,
    title: str,
    me: Mapping[str, Any] | None = None,
    refusal: LendanearError | None = None,
    answers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The `page` of a template; without a `bundle`, of a page that belongs to no study."""
    return page_of(
        request,
        title=title,
        study=_study(bundle) if bundle is not None else _study(_practice(request)) | {"title": "lendanear"},
        me=me,
        error=None if refusal is None else {"message": refusal.message, **refusal.facts},
        answers=answers or {},
        home="/" if bundle is None else f"/s/{bundle.slug}",
    )


def _practice(request: Request) -> StudyBundle:
    """Whose help lines stand on the pages that belong to no study."""
    return world_of(request).studies.current(PRACTICE)


def _study(bundle: StudyBundle) -> dict[str, Any]:
    study = bundle.study
    return {
        "title": study.title,
        "slug": bundle.slug,
        "contact": study.contact,
        "help_lines": [line.model_dump() for line in study.help_lines],
        "on_withdrawal": study.on_withdrawal.value,
    }
