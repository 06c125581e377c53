"""Refusals: one shape everywhere below `/api`, a clear sentence, the item at fault, and a server that goes on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.server.client import Client, clients
from tests.server.served import Served

MUCH = 300 * 1024


@pytest.fixture
async def at_survey(server: Served) -> AsyncIterator[Client]:
    """Somebody who stands at the small survey."""
    async with clients(server.url) as [person]:
        await person.consent("asking")
        yield person


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("DELETE", "/api/me", 405, "method_not_allowed"),
        ("GET", "/api/me/withdraw", 405, "method_not_allowed"),
        ("GET", "/api/me", 401, "not_authenticated"),
        ("POST", "/api/me/withdraw", 401, "not_authenticated"),
        ("POST", "/api/studies/none/participants", 422, "invalid_answer"),
    ],
)
async def test_framework_refuses_in_our_shape(server: Served, method: str, path: str, status: int, code: str) -> None:
    """Refusals of the framework itself have the shape of all others."""
    async with clients(server.url) as [nobody]:
        assert (await nobody.call(method, path)).refusal == (status, code)


@pytest.mark.parametrize("token", ["wrong", "", "a b c", "x" * 5000, "ümläut"])
async def test_wrong_token_opens_nothing(server: Served, token: str) -> None:
    """A token that belongs to nobody is `not_authenticated`, whatever it looks like."""
    async with clients(server.url) as [nobody]:
        nobody.headers = {"Authorization": f"Bearer {token}"}
        assert (await nobody.me()).refusal == (401, "not_authenticated")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b'{"answers": []}', b'{"answers": "x"}', b"[" * 100_000],
    ids=["empty", "cut off", "list", "text", "null", "no UTF-8", "answers a list", "answers a text", "deep"],
)
async def test_malformed_bodies_are_refused(server: Served, body: bytes) -> None:
    """A body that is not what the call takes is refused with a sentence; the participant stays where they are."""
    async with clients(server.url) as [person]:
        await person.enter("lend_an_ear")
        headers = person.headers | {"Content-Type": "application/json"}

        answer = await person.call("POST", "/api/me/steps/consent", data=body, headers=headers)

        assert answer.status in (400, 422)
        assert answer.error["message"]
        assert (await person.me()).step["id"] == "consent"


@pytest.mark.parametrize("answers", [{}, {"consent": False}, {"consent": "true"}, {"consent": 1}])
async def test_consent_must_be_given(server: Served, answers: dict[str, Any]) -> None:
    """Only `true` is consent; anything else names the item, and nobody is allocated."""
    async with clients(server.url) as [person]:
        await person.enter("lend_an_ear")

        refused = await person.take("consent", answers)

        assert (refused.refusal, refused.error["item"]) == ((422, "invalid_answer"), "consent")
        assert not server.rows("SELECT * FROM allocation WHERE participant_id = :id", id=person.id)


@pytest.mark.parametrize(
    ("answers", "item"),
    [
        ({}, "empathized"),
        ({"empathized": ""}, "empathized"),
        ({"empathized": None}, "empathized"),
        ({"empathized": 6}, "empathized"),
        ({"empathized": 2.5}, "empathized"),
        ({"empathized": True}, "empathized"),
        ({"empathized": [3]}, "empathized"),
        ({"empathized": 3, "age": 17}, "age"),
        ({"empathized": 3, "age": "old"}, "age"),
        ({"empathized": 3, "age": "NaN"}, "age"),
        ({"empathized": 3, "age": 10**400}, "age"),
        ({"empathized": 3, "comment": "x" * 10_000}, "comment"),
        ({"empathized": 3, "comment": 5}, "comment"),
        ({"empathized": 3, "comment": "nul \x00 in it"}, "comment"),
        ({"empathized": 3, "comment": "half a pair \ud800"}, "comment"),
        ({"empathized": 3, "ready": "perhaps"}, "ready"),
        ({"empathized": 3, "unknown": 1}, "unknown"),
        ({"empathized": 3, "lone \ud800": 1}, None),
    ],
    ids=str,
)
async def test_wrong_answers_name_their_item(
    at_survey: Client, server: Served, answers: dict[str, Any], item: str | None
) -> None:
    """An answer that does not fit is 422 with its item; the survey stays open and keeps nothing of the attempt."""
    refused = await at_survey.take("felt", answers)

    assert refused.refusal == (422, "invalid_answer")
    assert item is None or refused.error["item"] == item
    assert (await at_survey.me()).step["id"] == "felt"
    assert not server.rows(
        "SELECT * FROM response WHERE participant_id = :id AND instrument != 'consent'", id=at_survey.id
    )


async def test_long_text_says_how_long_it_may_be(at_survey: Client) -> None:
    """10,000 characters are refused with both lengths in the message; the shortened answer is then taken."""
    refused = await at_survey.take("felt", {"empathized": 3, "comment": "x" * 10_000})

    assert "10,000 characters" in refused.error["message"]
    assert "5,000" in refused.error["message"]


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "in chunks"])
async def test_big_bodies_are_refused_before_they_are_read(server: Served, chunked: bool) -> None:
    """Above 256 KiB a body is 413, whether or not it says its size; the process lives."""
    async with clients(server.url) as [person]:
        await person.enter("lend_an_ear")
        body = json.dumps({"answers": {"consent": True, "more": "x" * MUCH}}).encode()

        async def pieces() -> Any:
            for start in range(0, len(body), 65_536):
                yield body[start : start + 65_536]

        headers = person.headers | {"Content-Type": "application/json"}
        answer = await person.call("POST", "/api/me/steps/consent", data=pieces() if chunked else body, headers=headers)

        assert answer.refusal == (413, "too_large")
        assert (await person.me()).step["id"] == "consent"


@pytest.mark.parametrize(
    ("event", "item"),
    [
        ({"kind": "mind_reading"}, "kind"),
        ({"kind": ["paste"]}, "kind"),
        ({"at_ms": "now"}, "at_ms"),
        ({"at_ms": -1}, "at_ms"),
        ({"at_ms": True}, "at_ms"),
        ({"step": 5}, "step"),
        ({"step": "nul \x00"}, "step"),
        ({"step": "half \ud800"}, "step"),
        ({"payload": "text"}, "payload"),
        ({"payload": {"much": "x" * 5_000}}, "payload"),
        ({"payload": {"number": 10**30}}, "payload"),
        ({"payload": {"half": "\ud800"}}, "payload"),
    ],
    ids=str,
)
async def test_malformed_events_are_refused(server: Served, event: dict[str, Any], item: str) -> None:
    """What a page notes is checked field by field, and one bad event keeps its whole call from being stored."""
    good = {"kind": "paste", "at_ms": 1, "step": "consent", "payload": {}}
    async with clients(server.url) as [person]:
        await person.enter("lend_an_ear")

        answer = await person.call("POST", "/api/me/events", body={"events": [good, {**good, **event}]})

        assert (answer.refusal, answer.error["item"]) == ((422, "invalid_answer"), item)
        assert not server.rows("SELECT * FROM activity WHERE participant_id = :id", id=person.id)


@pytest.mark.parametrize("external_id", ["", "x" * 201, "nul \x00", "half \ud800", 5, ["a"]], ids=str)
async def test_external_ids_are_checked(either_server: Served, external_id: object) -> None:
    """An external id is text that a database can hold, of at most 200 characters; others are 422 on every database."""
    async with clients(either_server.url) as [person]:
        refused = await person.enter("lend_an_ear", external_id=external_id)

        assert (refused.refusal, refused.error["item"]) == ((422, "invalid_answer"), "external_id")
