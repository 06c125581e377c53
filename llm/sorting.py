"""Sorting what a server of models sends instead of an answer into faults, without letting a key slip into a message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from llm.faults import AuthFailed, BadRequest, ModelFault, RateLimited, Refused, TimedOut, Unreachable

_KEY = re.compile(r"\b(?:sk|pk|key)-[\w*.-]+|(?i:bearer)\s+\S+")
_FILTER_CODE = re.compile(r"content.?filter|content.?policy|moderation|responsible.?ai", re.IGNORECASE)
_FILTER_SENTENCE = re.compile(r"content.?filter|content.?policy|content management policy", re.IGNORECASE)
_UNPAID = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_MESSAGE_CHARS = 300


def fault_of_status(
    status: int, *, headers: Mapping[str, str], body: bytes, secret: str = "", now: datetime | None = None
) -> ModelFault:
    """The fault that an HTTP answer other than 200 stands for. `secret` is blotted out of its message."""
    error = _error_of(body)
    said = _message(error, secret=secret)
    sentence = f"the server answered {status}" + (f": {said}" if said else "")
    wait_s = retry_after_s(headers, now=now or datetime.now(UTC))
    code = _code(error)
    if status == 402 or (status == 429 and code in _UNPAID):
        return AuthFailed(sentence, status=status)
    if status == 429:
        return RateLimited(sentence, retry_after_s=wait_s, status=status)
    if status in (400, 403, 422) and _is_filtered(error):
        return Refused(sentence, status=status)
    if status in (401, 403):
        return AuthFailed(sentence, status=status)
    if status in (408, 504):
        return TimedOut(sentence, retry_after_s=wait_s, status=status)
    if status >= 500 or status in (409, 425):
        return Unreachable(sentence, retry_after_s=wait_s, status=status)
    return BadRequest(sentence, status=status)


def fault_of_error(error: object, *, secret: str = "") -> ModelFault:
    """The fault that an error reported inside a stream (after status 200) stands for."""
    said = _message(error, secret=secret)
    sentence = "the server reported an error in mid-answer" + (f": {said}" if said else "")
    code = _code(error)
    status = int(code) if code.isdigit() else None
    if _is_filtered(error):
        return Refused(sentence, status=status)
    if status == 429 or "rate_limit" in code:
        return RateLimited(sentence, status=status)
    if status in (401, 403):
        return AuthFailed(sentence, status=status)
    if status is not None and 400 <= status < 500:
        return BadRequest(sentence, status=status)
    return Unreachable(sentence, status=status)


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds to wait as `Retry-After` (seconds or an HTTP date) or `retry-after-ms` say; None without either."""
    named = {name.lower(): value for name, value in headers.items()}
    try:
        if "retry-after-ms" in named:
            return max(0.0, float(named["retry-after-ms"]) / 1000)
        if "retry-after" in named:
            return max(0.0, _seconds(named["retry-after"].strip(), now=now))
    except (ValueError, OverflowError):
        return None  # an unreadable header is no reason to fail otherwise than by the status
    return None


def _seconds(value: str, *, now: datetime) -> float:
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    moment = parsedate_to_datetime(value)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()


def _error_of(body: bytes) -> object:
    try:
        decoded = orjson.loads(body)
    except ValueError:
        return body.decode(errors="replace")
    if isinstance(decoded, dict):
        return decoded.get("error") or decoded.get("detail") or decoded
    return decoded


def _message(error: object, *, secret: str) -> str:
    said: Any = error.get("message") or error.get("error") or "" if isinstance(error, dict) else error
    line = " ".join(str(said).split())
    if line.startswith("<"):
        return ""  # the error page of a proxy says nothing that its status does not
    return _KEY.sub("…", line.replace(secret, "…") if secret else line)[:_MESSAGE_CHARS]


def _code(error: object) -> str:
    if not isinstance(error, dict):
        return ""
    return str(error.get("code") or error.get("type") or "")


def _is_filtered(error: object) -> bool:
    if not isinstance(error, dict):
        return False
    inner = error.get("innererror")
    codes = (error.get("code"), error.get("type"), inner.get("code") if isinstance(inner, dict) else None)
    return any(_FILTER_CODE.search(str(code)) for code in codes if code) or bool(
        _FILTER_SENTENCE.search(str(error.get("message") or ""))
    )
