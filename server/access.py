"""Who is calling: a participant by Bearer token or by the signed session of their browser."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from core.errors import NotAuthenticated
from server.storage.tables import ParticipantRow
from server.world import World

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
    return await world_of(connection).participants.holder(token)


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser's socket comes from one of our own pages; no CSRF layer guards sockets."""
    origin = connection.headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc == connection.headers.get("host")
    except ValueError:  # no address at all
        return False
