"""What every page of the desk rests on: who may see it, and the frame around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from core.errors import Forbidden
from server.access import account_of, world_of
from server.desk.accounts import DeskRole
from server.html import SEE_OTHER, html, page_of
from server.storage.tables import AccountRow

READERS = (DeskRole.EXPERIMENTER, DeskRole.ANALYST)


class LoginNeeded(Exception):
    """Nobody is logged in; the page asks for it and comes back."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def holding(*roles: DeskRole) -> Callable[[Request], Awaitable[AccountRow]]:
    """A dependency: the account of whoever calls. It raises `LoginNeeded`, or `Forbidden` for other roles."""

    async def account(request: Request) -> AccountRow:
        found = await account_of(request)
        if found is None:
            raise LoginNeeded(request.url.path)
        if found.role not in roles:
            raise Forbidden("Your account may not see this page.")
        return found

    return account


async def ask_login(request: Request, error: Exception) -> Response:
    """Send somebody who is not logged in to the login, and back afterwards."""
    path = error.path if isinstance(error, LoginNeeded) else "/desk"
    return RedirectResponse(f"/desk/login?next={path}", SEE_OTHER)


def desk_page(
    request: Request,
    account: AccountRow | None,
    template: str,
    *,
    title: str,
    status: int = 200,
    place: str = "",
    message: str | None = None,
    **context: Any,
) -> Response:
    """The template in the desk's frame; `place` is where the navigation shows one to be."""
    page = page_of(
        request,
        title=title,
        error=None if message is None else {"message": message},
        account=None if account is None else {"name": account.name, "role": account.role},
        place=place,
        address=_address(request),
    )
    return html(template, status=status, page=page, **context)


def _address(request: Request) -> str:
    """Where people reach this server, as the reader of the page does: what stands before every path."""
    base = request.base_url
    if world_of(request).settings.https:
        base = base.replace(scheme="https")
    return str(base).rstrip("/")
