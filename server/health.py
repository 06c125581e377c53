"""Whether the server is alive, whether it can serve, and its figures for a monitor."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, generate_latest

from core.errors import Forbidden
from server.access import account_of, is_loopback, world_of
from server.desk.frame import READERS
from server.storage.migrate import is_current

router = APIRouter(include_in_schema=False)

LIVE = Gauge(
    "lendanear_live_dialogues", "Dialogues that this process serves: somebody is connected, or a reply is being written"
)


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """Whether the database is there, migrated and writable; of the models only what is known, none is asked."""
    world = world_of(request)
    is_there = await is_current(world.database)
    is_ready = is_there and await world.probe.can_write()
    models: dict[str, Any] = {
        role.value: {"model": state.model, "ok": state.is_ok, "fault": state.kind}
        for role, state in world.models.health().items()
    }
    status = "ready" if is_ready else "not ready"
    body = {"status": status, "database": is_there, "writable": is_ready, "models": models}
    return JSONResponse(body, status_code=200 if is_ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus text, on loopback or to a desk login."""
    if not is_loopback(request):
        account = await account_of(request)
        if account is None or account.role not in READERS:
            raise Forbidden("Figures are given on this machine, or to an experimenter or analyst who is logged in.")
    LIVE.set(len(world_of(request).hub))
    return PlainTextResponse(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
