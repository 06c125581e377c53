"""The public way into a study: what a link or a program may call somebody, and how many newcomers an address brings."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import HTTPConnection

from core.bundle import StudyBundle
from core.count import counted
from core.errors import InvalidAnswer, TooMany
from core.text import has_invisible
from server.access import is_loopback, world_of
from server.limiter import address_of
from server.participants import ACCOUNT, MAX_ID, Admission, Entry, is_forgotten


def cleaned_id(text: str) -> str:
    """What somebody is called, without white space around it.

    Raises `ValueError` for what cannot be told apart by sight, and for what only the server itself calls people.
    """
    text = text.strip()
    if not text or len(text) > MAX_ID:
        raise ValueError(f"it must have 1 to {MAX_ID} characters")
    if has_invisible(text):
        raise ValueError("it holds a character that cannot be seen")
    if text.startswith(ACCOUNT) or is_forgotten(text):
        raise ValueError("it begins like names that only this server gives")
    return text


def entry_of_link(fields: Mapping[str, str]) -> Entry:
    """Whom a link names; what is blank names nobody. Raises `InvalidAnswer` as the API would refuse it."""
    named = {}
    for field, value in fields.items():
        if value.strip():
            try:
                named[field] = cleaned_id(value)
            except ValueError as reason:
                message = f"This link names you in a way that cannot be kept: {reason}. Please open it as it was sent."
                raise InvalidAnswer(message, item=field) from None
    return Entry(**named)


async def enter_publicly(
    connection: HTTPConnection, bundle: StudyBundle, entry: Entry, *, token: str | None = None, form: str | None = None
) -> Admission:
    """Let somebody back in who is known, or admit a newcomer; `form` is the form they sent, which admits one person
    however often it is clicked. Raises `TooMany` for more newcomers from one address than the settings allow."""
    participants = world_of(connection).participants
    returning = await participants.returning(bundle, entry, token=token)
    if returning is not None:
        return returning
    await count_newcomer(connection)
    return await participants.enter(bundle, entry, token=token, form=form)


async def count_newcomer(connection: HTTPConnection) -> None:
    """Count a newcomer against their address; this machine itself may bring any number. Raises `TooMany`."""
    if is_loopback(connection):
        return
    wait_s = await world_of(connection).entry_limiter.take(address_of(connection))
    if wait_s is not None:
        minutes = -(-wait_s // 60)
        raise TooMany(
            "More people have begun from your network than we can take in at once. Your link stays good:"
            f" please open it again in {counted(minutes, 'minute')}.",
            retry_after_s=wait_s,
        )
