"""Browsers in tests: they keep cookies, fill in forms with their token, and may log in at the desk."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from server.desk.accounts import DeskRole, add_account
from server.storage.database import Database
from tests.server.client import Answer, Client
from tests.server.served import Served

PASSWORD = "correct horse battery"


def browser() -> aiohttp.ClientSession:
    """A browser's memory: cookies, also of a host that is only an address."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


def csrf_token(person: Client) -> str:
    """The token that a page has put into its form and its cookie; empty before."""
    return next((cookie.value for cookie in person.http.cookie_jar if cookie.key == "csrftoken"), "")


async def send_form(person: Client, path: str, **fields: str) -> Answer:
    """Post a form as its page would."""
    return await person.call("POST", path, data={"csrftoken": csrf_token(person), **fields})


async def give_consent(person: Client, slug: str) -> None:
    """Open the study and agree by the page's own form."""
    await person.call("GET", f"/s/{slug}")
    answer = await send_form(person, f"/s/{slug}/steps/consent", consent="true")
    assert answer.status == 303, answer.body


async def account(served: Served, role: DeskRole) -> str:
    """The name of a fresh account with `PASSWORD`."""
    database, name = Database(served.database), f"{role}-{uuid.uuid4().hex[:8]}"
    try:
        await add_account(database, name=name, role=role, password=PASSWORD)
    finally:
        await database.close()
    return name


async def log_in(visitor: Client, name: str, password: str = PASSWORD, *, address: str | None = None) -> Answer:
    """Open the login and send it, as from `address`."""
    await visitor.call("GET", "/desk/login")
    fields = {"csrftoken": csrf_token(visitor), "name": name, "password": password}
    return await visitor.call(
        "POST", "/desk/login", data=fields, headers={"X-Forwarded-For": address} if address else None
    )


@asynccontextmanager
async def at_the_desk(served: Served, role: DeskRole = DeskRole.EXPERIMENTER) -> AsyncIterator[Client]:
    """Somebody who is logged in, from an address of their own: logins are limited by address."""
    async with browser() as http:
        visitor = Client(http, served.url)
        answer = await log_in(visitor, await account(served, role), address=f"2001:db8:{secrets.token_hex(2)}::1")
        assert answer.status == 303, answer.body
        yield visitor
