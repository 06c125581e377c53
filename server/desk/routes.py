"""The desk's pages, each behind a login with a role."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from server.access import world_of
from server.desk.accounts import DeskRole, log_in, log_out
from server.desk.calls import models_shown
from server.desk.command import export_command
from server.desk.frame import READERS, desk_page, holding
from server.desk.overview import allocation_shown, live_shown, see_alert, studies_shown, study_shown
from server.desk.role_breaks import role_breaks_shown
from server.desk.transcript import transcript_shown
from server.html import SEE_OTHER, html
from server.limiter import address_of
from server.storage.tables import AccountRow

router = APIRouter(prefix="/desk", include_in_schema=False)

Reader = Depends(holding(*READERS))
Anyone = Depends(holding(*DeskRole))


@router.get("/login")
async def login_page(request: Request) -> Response:
    """The way in."""
    return desk_page(request, None, "desk/login.html", title="Log in", next=_inside(request.query_params.get("next")))


@router.post("/login")
async def login(request: Request) -> Response:
    """Log in, or say in one sentence that it did not work."""
    async with request.form(max_fields=10) as form:
        name, password = str(form.get("name", "")), str(form.get("password", ""))
        wanted = _inside(str(form.get("next", "")))
    if await world_of(request).login_limiter.take(address_of(request)) is not None:
        return _login_failed(request, "Too many attempts. Please wait a minute and try again.", 429, wanted)
    if await log_in(request, name=name, password=password):
        return RedirectResponse(wanted or "/desk", SEE_OTHER)
    return _login_failed(request, "Name and password do not fit together.", 401, wanted)


def _login_failed(request: Request, message: str, status: int, wanted: str) -> Response:
    return desk_page(request, None, "desk/login.html", title="Log in", status=status, message=message, next=wanted)


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Log out."""
    await log_out(request)
    return RedirectResponse("/desk/login", SEE_OTHER)


@router.get("")
async def studies(request: Request, account: AccountRow = Anyone) -> Response:
    """All studies; a rater's way leads to what they are to rate."""
    if account.role == DeskRole.RATER:
        return RedirectResponse("/desk/queues", SEE_OTHER)
    shown = await studies_shown(world_of(request))
    return desk_page(request, account, "desk/studies.html", title="Studies", place="studies", studies=shown)


@router.get("/studies/{slug}")
async def study(request: Request, slug: str, account: AccountRow = Reader) -> Response:
    """One study."""
    world = world_of(request)
    bundle = world.studies.current(slug)
    return desk_page(
        request,
        account,
        "desk/study.html",
        title=bundle.study.title,
        place="studies",
        study=await study_shown(world, bundle),
        live=await live_shown(world, bundle) | _csrf(request),
        live_url=f"/desk/studies/{slug}/live",
        role_breaks=await role_breaks_shown(world, bundle),
        allocation=await allocation_shown(world, bundle),
        export_command=export_command(slug, database=world.settings.database_url),
    )


@router.get("/studies/{slug}/live")
async def study_live(request: Request, slug: str, _account: AccountRow = Reader) -> Response:
    """What changes while the study runs."""
    world = world_of(request)
    shown = await live_shown(world, world.studies.current(slug))
    return html("desk/_study_live.html", live=shown | _csrf(request))


@router.post("/dialogues/{dialogue_id}/alerts/{seq}/seen")
async def alert_seen(request: Request, dialogue_id: str, seq: int, account: AccountRow = Reader) -> Response:
    """Mark an alert as seen, and go back to the study."""
    world = world_of(request)
    row = await world.dialogues.row(dialogue_id)
    await see_alert(world, dialogue_id, seq, account=account.name)
    return RedirectResponse(f"/desk/studies/{(await world.bundle_of(row)).slug}", SEE_OTHER)


@router.get("/dialogues/{dialogue_id}")
async def dialogue(request: Request, dialogue_id: str, account: AccountRow = Reader) -> Response:
    """One dialogue as it was."""
    world = world_of(request)
    shown = await transcript_shown(world, await world.dialogues.row(dialogue_id))
    return desk_page(request, account, "desk/transcript.html", title="Transcript", place="studies", transcript=shown)


@router.get("/models")
async def models(request: Request, account: AccountRow = Reader) -> Response:
    """Models, calls and cost."""
    shown, totals = await models_shown(world_of(request))
    return desk_page(request, account, "desk/models.html", title="Models", place="models", models=shown, totals=totals)


def _inside(path: str | None) -> str:
    """`path` when it leads to a page of the desk, else nothing."""
    return path if path is not None and path.startswith("/desk") and "//" not in path and "\\" not in path else ""


def _csrf(request: Request) -> dict[str, Any]:
    """What a form needs, for the part of a page that is fetched on its own."""
    return {"csrf_field": "csrftoken", "csrf_token": request.scope["csrftoken"]()}
