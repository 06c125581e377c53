"""How refusals leave the program: one shape for programs, one page for people."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from core.errors import LendanearError
from server.storage.log import LogUnavailable
from server.storage.sqlite_files import StorageMoved
from web.pages import render

log = structlog.get_logger()

_CODES = {401: "not_authenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_SENTENCES = {
    403: "This could not be accepted. Please reload the page and try again.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of call.",
    413: "That is more than can be accepted at once.",
}


def install_refusals(app: FastAPI) -> None:
    """Let every refusal, the framework's own included, leave in the project's shape."""
    app.add_exception_handler(LendanearError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    for fault in (OperationalError, InterfaceError, NoConnectionFree, LogUnavailable, StorageMoved):
        app.add_exception_handler(fault, _storage_away)
    app.add_exception_handler(Exception, _failed)


def refusal(request: Request, *, status: int, code: str, message: str, **facts: object) -> Response:
    """The answer to a call that is refused: JSON below `/api`, a page elsewhere."""
    if request.url.path.startswith("/api"):
        error = {"code": code, "message": message, **facts}
        return JSONResponse({"error": {name: _writable(fact) for name, fact in error.items()}}, status_code=status)
    html = render("error.html", status=status, code=code, message=message)
    return HTMLResponse(html, status_code=status)


def _writable(fact: object) -> object:
    """A fact that quotes what was sent may hold half a surrogate pair, which no answer can carry."""
    return fact.encode("utf-8", "replace").decode() if isinstance(fact, str) else fact


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, LendanearError)  # noqa: S101 - registered for this class
    answer = refusal(request, status=error.status, code=error.code, message=error.message, **error.facts)
    if (wait_s := error.facts.get("retry_after_s")) is not None:
        answer.headers["retry-after"] = str(wait_s)
    return answer


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    first = error.errors()[0]
    item = next((part for part in reversed(first["loc"]) if isinstance(part, str)), "body")
    return refusal(request, status=422, code="invalid_answer", message=f"{item}: {first['msg']}", item=item)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    code = _CODES.get(error.status_code, "refused")
    message = _SENTENCES.get(error.status_code, str(error.detail))
    return refusal(request, status=error.status_code, code=code, message=message)


async def _storage_away(request: Request, error: Exception) -> Response:
    log.error("storage unavailable", reason=type(error).__name__)
    return refusal(
        request,
        status=503,
        code="storage_unavailable",
        message="Our storage cannot be reached just now. Nothing you sent before is lost; please try again soon.",
    )


async def _failed(request: Request, error: Exception) -> Response:
    return failed(request)


def failed(request: Request) -> Response:
    """The answer when the fault is ours."""
    return refusal(
        request,
        status=500,
        code="internal",
        message="Something went wrong on our side. Nothing you sent before is lost; please try again.",
    )
