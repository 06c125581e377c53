"""The pages of a rater: what there is to rate, and the way to it."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from server.access import world_of
from server.desk.accounts import DeskRole
from server.desk.frame import desk_page, holding
from server.desk.queues import QUEUES, begin, queues_shown
from server.html import SEE_OTHER
from server.storage.tables import AccountRow

router = APIRouter(prefix=QUEUES, include_in_schema=False)

Rater = Depends(holding(DeskRole.RATER))


@router.get("")
async def queues(request: Request, account: AccountRow = Rater) -> Response:
    """What this rater is asked to rate."""
    shown = await queues_shown(world_of(request), account)
    return desk_page(request, account, "desk/queues.html", title="Your ratings", place="queues", queues=shown)


@router.post("/{slug}")
async def begin_queue(request: Request, slug: str, account: AccountRow = Rater) -> Response:
    """Begin, or go on."""
    await begin(request, account, slug)
    return RedirectResponse(f"/s/{slug}", SEE_OTHER)
