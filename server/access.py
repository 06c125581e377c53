"""Who is calling, and from where: a participant by token or by the signed session of a browser, or a desk account."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from core.errors import NotAuthenticated
from server.participants import rater_name, token_hash
from server.storage.tables import AccountRow, LoginRow, ParticipantRow
from server.world import World

LOGIN = "login"
TOKENS = "tokens"
CURRENT = "current"


def world_of(connection: HTTPConnection) -> World:
    """The world of this process."""
    world: World = connection.app.state.world
    return world


def bearer(connection: HTTPConnection) -> str | None:
    """The token of an `Authorization: Bearer` header."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def session_token(connection: HTTPConnection, slug: str | None = None) -> str | None:
    """The token that this browser holds for the study `slug`, or for the one it visited last."""
    session: dict[str, Any] = connection.session
    token = session.get(TOKENS, {}).get(slug or session.get(CURRENT))
    return token if isinstance(token, str) else None


def session_tokens(connection: HTTPConnection) -> list[str]:
    """All tokens that this browser holds, whichever study it visited last."""
    return [token for token in connection.session.get(TOKENS, {}).values() if isinstance(token, str)]


def remember_token(connection: HTTPConnection, slug: str, token: str) -> None:
    """Let this browser come back to its place in the study."""
    connection.session[TOKENS] = {**connection.session.get(TOKENS, {}), slug: token}
    connection.session[CURRENT] = slug


def forget_tokens(connection: HTTPConnection, slugs: Collection[str]) -> None:
    """Let this browser no longer come back to its place in these studies."""
    held: dict[str, str] = connection.session.get(TOKENS, {})
    connection.session[TOKENS] = {slug: token for slug, token in held.items() if slug not in slugs}


async def participant_of(connection: HTTPConnection, slug: str | None = None) -> ParticipantRow:
    """The participant who calls; with both a token and a cookie the token counts. Raises `NotAuthenticated`."""
    token = bearer(connection)
    if token is None:
        token = session_token(connection, slug)
    if token is None:
        raise NotAuthenticated("Please open the study's link first.")
    return await holder_of(connection, token)


async def holder_of(connection: HTTPConnection, token: str) -> ParticipantRow:
    """The participant whom `token` belongs to; who rates by an account only while it is logged in here.

    Raises `NotAuthenticated`.
    """
    holder = await world_of(connection).participants.holder(token)
    name = rater_name(holder.external_id)
    if name is not None:
        account = await account_of(connection)
        if account is None or account.name != name:
            raise NotAuthenticated("Your login has ended. Please log in at the desk again.")
    return holder


async def account_of(connection: HTTPConnection) -> AccountRow | None:
    """Whose login this browser holds; None without a valid one."""
    secret = connection.session.get(LOGIN)
    if not isinstance(secret, str):
        return None
    world = world_of(connection)
    async with world.database.reading() as session:
        login = await session.get(LoginRow, token_hash(secret))
        if login is None or login.expires_at < world.now():
            return None
        return await session.get(AccountRow, login.account)


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser's socket comes from one of our own pages; no CSRF layer guards sockets."""
    origin = connection.headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc == connection.headers.get("host")
    except ValueError:  # no address at all
        return False


def is_loopback(connection: HTTPConnection) -> bool:
    """Whether the call comes from this machine and not through a proxy."""
    if connection.client is None or "x-forwarded-for" in connection.headers or "forwarded" in connection.headers:
        return False
    try:
        return ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False
