"""Every refusal the program can give, in one tree.

LendanearError              a refusal with a code, a sentence for people and an HTTP status
├── NotAuthenticated        401  no token, or one that belongs to nobody
├── NotFound                404  no such study, dialogue or page
├── NotCurrentStep          409  the step is not the one the participant is at
├── NotReady                409  the step still lacks something (`missing`)
├── AlreadyStarted          409  somebody else entered with this external id
├── Full                    409  every place of the study is taken
├── TooMany                 429  too many newcomers from one address (`retry_after_s`)
├── Withdrawn               409  the participant has withdrawn
├── InvalidAnswer           422  an answer does not fit its item (`item`)
├── DamagedLog              500  an entry of a dialogue's log is missing (`missing`)
├── Forbidden               403  this account, page or origin may not do that
└── Unusable                     a file, setting or address that a command cannot work with (exit 1)
    └── Faults                   all that is wrong in files that people write, a line each (in core/located.py)
"""

from __future__ import annotations

from typing import ClassVar


class LendanearError(Exception):
    """A refusal that people can be told: `code` for programs, the message for people."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class NotAuthenticated(LendanearError):
    code = "not_authenticated"
    status = 401


class Forbidden(LendanearError):
    code = "forbidden"
    status = 403


class NotFound(LendanearError):
    code = "not_found"
    status = 404


class NotCurrentStep(LendanearError):
    code = "not_current_step"
    status = 409


class NotReady(LendanearError):
    code = "not_ready"
    status = 409


class AlreadyStarted(LendanearError):
    code = "already_started"
    status = 409


class Full(LendanearError):
    code = "full"
    status = 409


class TooMany(LendanearError):
    code = "too_many"
    status = 429


class Withdrawn(LendanearError):
    code = "withdrawn"
    status = 409


class InvalidAnswer(LendanearError):
    code = "invalid_answer"
    status = 422


class DamagedLog(LendanearError):
    code = "damaged_log"
    status = 500

    def __init__(self, missing: int) -> None:
        """`missing`: the place of the first entry that is not there."""
        super().__init__(
            f"The record of this conversation is damaged: entry {missing} of its log is missing in the database."
        )
        self.missing = missing


class Unusable(LendanearError):
    code = "unusable"
    status = 500
