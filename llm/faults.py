"""What can go wrong with a model, sorted by what to do about it.

ModelFault
├── RateLimited    wait `retry_after_s`, then ask again
├── Unreachable    no connection, or the server failed (5xx): ask again
├── TimedOut       no first token, or a stall in mid-stream: ask again
├── CutOff         the answer ended early: ask again
├── Empty          the answer holds nothing: ask again
├── Malformed      the answer does not fit the schema: ask again
├── Refused        the model or its filter will not answer this: ask the next model
├── AuthFailed     the key is wrong or missing, or its account cannot pay: ask the next model
├── BadRequest     the server does not take this call, or knows no such model: ask the next model
└── NotAsked       no call was made: the cap on spending is reached, or a batch brought no answer
"""

from __future__ import annotations

from typing import ClassVar

from llm.reply import Usage


class ModelFault(Exception):
    """A call that brought no usable answer."""

    kind: ClassVar[str] = "fault"
    retryable: ClassVar[bool] = False
    """Whether the same model may be asked again."""

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        status: int | None = None,
        raw: str = "",
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.status = status
        """The HTTP status, where the server gave one."""
        self.raw = raw
        """What the model said all the same; kept in the ledger."""
        self.usage = usage
        """What the failed call used, where the provider said so."""


class RateLimited(ModelFault):
    kind = "rate_limited"
    retryable = True


class Unreachable(ModelFault):
    kind = "unreachable"
    retryable = True


class TimedOut(ModelFault):
    kind = "timed_out"
    retryable = True


class CutOff(ModelFault):
    kind = "cut_off"
    retryable = True


class Empty(ModelFault):
    kind = "empty"
    retryable = True


class Malformed(ModelFault):
    kind = "malformed"
    retryable = True


class Refused(ModelFault):
    kind = "refused"


class AuthFailed(ModelFault):
    kind = "auth_failed"


class BadRequest(ModelFault):
    kind = "bad_request"


class NotAsked(ModelFault):
    """Nothing is known of the model: whoever wants the answer asks again another time."""

    kind = "not_asked"
