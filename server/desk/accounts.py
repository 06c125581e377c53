"""Accounts of the desk: argon2id passwords, and logins that can be ended."""

from __future__ import annotations

import asyncio
import secrets
from enum import StrEnum
from functools import cache

from fastapi import Request
from pwdlib import PasswordHash
from sqlalchemy import delete
from sqlmodel import col

from core.errors import Unusable
from core.study import Entry
from core.text import is_storable
from server.access import LOGIN, forget_tokens, world_of
from server.participants import token_hash
from server.storage.database import Database
from server.storage.tables import AccountRow, LoginRow
from server.times import now_ms

LOGIN_MS = 12 * 60 * 60 * 1000
MIN_PASSWORD = 10

_passwords = PasswordHash.recommended()


@cache
def _dummy() -> str:
    """Verified for unknown names, so that the time taken tells nobody which names exist."""
    return _passwords.hash(secrets.token_urlsafe(16))


class DeskRole(StrEnum):
    EXPERIMENTER = "experimenter"
    ANALYST = "analyst"
    RATER = "rater"


async def add_account(database: Database, *, name: str, role: DeskRole, password: str) -> None:
    """Add an account. Raises `Unusable` when the name is taken or the password too short."""
    if len(password) < MIN_PASSWORD:
        raise Unusable(f"the password needs at least {MIN_PASSWORD} characters")
    hashed = await asyncio.to_thread(_passwords.hash, password)
    async with database.writing() as session:
        if await session.get(AccountRow, name) is not None:
            raise Unusable(f"there is an account called {name!r} already")
        session.add(AccountRow(name=name, role=role.value, password_hash=hashed, created_at=now_ms()))


async def log_in(request: Request, *, name: str, password: str) -> bool:
    """Log somebody in when name and password fit; whether they did. What another rater rated here is left behind."""
    world = world_of(request)
    async with world.database.reading() as session:
        account = await session.get(AccountRow, name) if is_storable(name) else None
    expected = account.password_hash if account is not None else await asyncio.to_thread(_dummy)
    fits = await asyncio.to_thread(_passwords.verify, password, expected)
    if account is None or not fits:
        return False
    secret = secrets.token_urlsafe(32)
    async with world.database.writing() as session:
        expires = world.now() + LOGIN_MS
        session.add(LoginRow(hash=token_hash(secret), account=name, expires_at=expires))
    _leave_queues(request)
    request.session[LOGIN] = secret
    return True


async def log_out(request: Request) -> None:
    """End the login of this browser, also for anybody who copied its cookie, and its way into what a rater rates."""
    _leave_queues(request)
    secret = request.session.pop(LOGIN, None)
    if isinstance(secret, str):
        async with world_of(request).database.writing() as session:
            await session.exec(delete(LoginRow).where(col(LoginRow.hash) == token_hash(secret)))


def _leave_queues(request: Request) -> None:
    """Close this browser's way into what a rater rates."""
    offered = world_of(request).studies.offered
    forget_tokens(request, [slug for slug, bundle in offered.items() if bundle.study.entry is Entry.RATERS])
