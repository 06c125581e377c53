"""The desk's pages on people who judge: progress, disagreements, deciding over one, agreement with the judge."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from core.errors import InvalidAnswer
from server.access import world_of
from server.desk.accounts import DeskRole
from server.desk.agreed import agreement_shown
from server.desk.command import rater_command
from server.desk.frame import READERS, desk_page, holding
from server.desk.judging import ADDRESS, conversation_shown, decide, judging_shown, progress_shown, rated_in
from server.html import SEE_OTHER
from server.storage.tables import AccountRow

router = APIRouter(prefix=ADDRESS, include_in_schema=False)

Reader = Depends(holding(*READERS))
Decider = Depends(holding(DeskRole.EXPERIMENTER))
PLACE = "judging"


@router.get("")
async def judging(request: Request, account: AccountRow = Reader) -> Response:
    """Every study in which people judge."""
    shown = await judging_shown(world_of(request))
    return desk_page(request, account, "desk/judging.html", title="Judging", place=PLACE, judging=shown)


@router.get("/{slug}")
async def progress(request: Request, slug: str, account: AccountRow = Reader) -> Response:
    """How far the raters of a study are, and where they disagree."""
    world = world_of(request)
    shown = progress_shown(await rated_in(world, slug))
    shown["rater_command"] = rater_command(database=world.settings.database_url)
    return desk_page(request, account, "desk/ratings.html", title=shown["title"], place=PLACE, ratings=shown)


@router.get("/{slug}/agreement")
async def agreement(request: Request, slug: str, account: AccountRow = Reader) -> Response:
    """How far judge and raters agree."""
    shown = await asyncio.to_thread(agreement_shown, await rated_in(world_of(request), slug))
    return desk_page(request, account, "desk/agreement.html", title="Agreement", place=PLACE, agreement=shown)


@router.get("/{slug}/conversations/{transcript_id:path}")
async def conversation(request: Request, slug: str, transcript_id: str, account: AccountRow = Reader) -> Response:
    """One conversation with its ratings."""
    shown = conversation_shown(await rated_in(world_of(request), slug), transcript_id)
    return _conversation(request, account, shown)


@router.post("/{slug}/conversations/{transcript_id:path}")
async def adjudicate(request: Request, slug: str, transcript_id: str, account: AccountRow = Decider) -> Response:
    """Decide where raters disagree, and go on to the next."""
    async with request.form(max_fields=100) as form:
        answers = {name: value for name, value in form.items() if isinstance(value, str)}
    world = world_of(request)
    found = await rated_in(world, slug)
    shown = conversation_shown(found, transcript_id)
    try:
        await decide(world, found, transcript_id, answers=answers, account=account.name)
    except InvalidAnswer as refusal:
        return _conversation(request, account, shown, answers=answers, refusal=refusal)
    return RedirectResponse(f"{ADDRESS}/{slug}", SEE_OTHER)


def _conversation(
    request: Request,
    account: AccountRow,
    shown: dict[str, object],
    *,
    answers: dict[str, str] | None = None,
    refusal: InvalidAnswer | None = None,
) -> Response:
    return desk_page(
        request,
        account,
        "desk/adjudicate.html",
        title="A conversation and its ratings",
        place=PLACE,
        status=refusal.status if refusal else 200,
        message=refusal.message if refusal else None,
        conversation=shown,
        answers=answers or {},
        may_decide=account.role == DeskRole.EXPERIMENTER,
    )
