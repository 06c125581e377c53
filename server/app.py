"""The ASGI application: routes, middleware and the world behind them."""

from __future__ import annotations

from functools import partial

from asgi_csrf import asgi_csrf
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Scope, Send

from server import api, health, pages, practice_pages
from server.desk import judging_routes, queue_routes
from server.desk import routes as desk
from server.desk.frame import LoginNeeded, ask_login
from server.layers import FaultAnswers, Headers, SizeLimit
from server.refusals import install_refusals, refusal
from server.socket import Sockets
from server.world import World
from web.pages import STATIC, cache_control

SESSION_S = 60 * 60 * 24 * 30


class CachedStaticFiles(StaticFiles):
    """Static files that are kept for long exactly when their address names their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        version = Request(scope).query_params.get("v")
        response.headers["cache-control"] = cache_control(path, version=version)
        return response


def create_app(world: World) -> ASGIApp:
    """The application over an open world: routes inside size limit, headers, sessions and CSRF."""
    app = FastAPI(title="lendanear", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.state.world = world
    install_refusals(app)
    app.add_exception_handler(LoginNeeded, ask_login)
    for router in (
        api.router,
        practice_pages.router,
        pages.router,
        desk.router,
        queue_routes.router,
        judging_routes.router,
        health.router,
    ):
        app.include_router(router)
    app.mount("/static", CachedStaticFiles(directory=STATIC))
    https = world.settings.https
    guarded: ASGIApp = asgi_csrf(
        app,
        signing_secret=world.secret_key,
        cookie_secure=https,
        always_protect={"/desk/login", "/practice"},
        send_csrf_failed=_csrf_failed,
    )
    sessions = partial(
        SessionMiddleware,
        secret_key=world.secret_key,
        session_cookie="lendanear",
        max_age=SESSION_S,
        https_only=https,
    )
    return Sockets(Headers(SizeLimit(FaultAnswers(sessions(guarded)))), app=app, sessions=sessions)


async def _csrf_failed(scope: Scope, send: Send, _reason: object) -> None:
    """Refuse a form that is not ours, in the project's shape."""

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    answer = refusal(
        Request(scope),
        status=403,
        code="forbidden",
        message="This form had grown too old to be accepted. Please reload the page and send it again.",
    )
    await answer(scope, nothing, send)
