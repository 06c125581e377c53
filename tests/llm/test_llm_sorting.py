"""Errors of servers are sorted by what to do about them, and never tell a key."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from llm.faults import AuthFailed, BadRequest, ModelFault, RateLimited, Refused, TimedOut, Unreachable
from llm.sorting import fault_of_error, fault_of_status, retry_after_s

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "error", "fault"),
    [
        (400, {"message": "bad schema"}, BadRequest),
        (400, {"code": "content_filter", "message": "flagged"}, Refused),
        (400, {"message": "blocked by our content management policy"}, Refused),
        (400, {"innererror": {"code": "ResponsibleAIPolicyViolation"}, "message": "no"}, Refused),
        (401, {"message": "no such key"}, AuthFailed),
        (402, {"message": "pay first"}, AuthFailed),
        (403, {"message": "not your model"}, AuthFailed),
        (403, {"code": "moderation_blocked"}, Refused),
        (404, {"message": "no such model"}, BadRequest),
        (408, {}, TimedOut),
        (409, {}, Unreachable),
        (413, {"message": "too long"}, BadRequest),
        (422, {"message": "no"}, BadRequest),
        (429, {"message": "slow down"}, RateLimited),
        (429, {"code": "insufficient_quota"}, AuthFailed),
        (500, {"message": "oh"}, Unreachable),
        (503, {}, Unreachable),
        (504, {}, TimedOut),
        (301, {}, BadRequest),
    ],
)
def test_status_is_sorted(status: int, error: dict[str, object], fault: type[ModelFault]) -> None:
    """Each status, with its code where that tells more, stands for one fault and is kept in it."""
    sorted_fault = fault_of_status(status, headers={}, body=orjson.dumps({"error": error}))

    assert type(sorted_fault) is fault
    assert sorted_fault.status == status


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "Retry-After": "1"}, 0.25),
        ({"Retry-After": "soon"}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds and a date of HTTP are understood; what is unreadable counts as absent."""
    assert retry_after_s(headers, now=NOW) == seconds


def test_messages_hold_no_key() -> None:
    """Neither our key nor anything that looks like one gets from an error page into a message."""
    body = orjson.dumps({"error": {"message": "wrong key odd/key+77 or sk-proj-abc*****xyz, sent as Bearer tok_123"}})

    fault = fault_of_status(401, headers={}, body=body, secret="odd/key+77")

    assert str(fault) == "the server answered 401: wrong key … or …, sent as …"
    assert "key+77" not in str(fault_of_error({"message": "odd/key+77?"}, secret="odd/key+77"))


def test_long_message_is_cut_after_the_key_is_out() -> None:
    """A key that stands where the message is cut leaves no first half behind."""
    fault = fault_of_status(500, headers={}, body=b"x" * 295 + b"odd/key+77", secret="odd/key+77")

    assert "odd" not in str(fault)


def test_error_pages_that_are_no_json_are_told_by_their_status() -> None:
    """A proxy's page in HTML is not recited, plain text is."""
    assert str(fault_of_status(502, headers={}, body=b"<html>Bad gateway</html>")) == "the server answered 502"
    assert str(fault_of_status(500, headers={}, body=b"out of  memory\n")) == "the server answered 500: out of memory"


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ({"code": 429, "message": "slow down"}, RateLimited),
        ({"type": "rate_limit_error"}, RateLimited),
        ({"code": "content_filter"}, Refused),
        ({"code": 401}, AuthFailed),
        ({"code": "400", "message": "no"}, BadRequest),
        ({"message": "worker died"}, Unreachable),
        ("worker died", Unreachable),
    ],
)
def test_error_inside_a_stream_is_sorted(error: object, fault: type[ModelFault]) -> None:
    """After status 200 the error event alone says what is wrong."""
    assert type(fault_of_error(error)) is fault
