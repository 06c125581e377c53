"""Batch endpoints of OpenAI-compatible addresses: many questions in one file, answered within a day and for less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import openai
import orjson
from pydantic import BaseModel, SecretStr

from llm.dialect import Dialect, Wording
from llm.faults import ModelFault, TimedOut, Unreachable
from llm.limits import Limits
from llm.openai import PUBLIC_URL, check_may_ask, read_completion
from llm.provider import Parameters
from llm.reply import Usage
from llm.request import Request
from llm.sorting import fault_of_status
from llm.structured import Rung, response_format

ENDPOINT: Final = "/v1/chat/completions"
WINDOW: Final = "24h"
MOST_LINES = 20_000
"""Of one file; addresses take 50,000 lines and 100 to 200 MB, and ten thousand transcripts come near the latter."""
ABSENT = frozenset({404, 405, 501})
"""What an address without batches answers."""
OVER = frozenset({"completed", "failed", "expired", "cancelled"})
_LISTED = 100


class NoBatches(Exception):
    """The address has no batch endpoint."""


@dataclass(frozen=True, slots=True)
class BatchState:
    """How far a batch is."""

    status: str
    answered: int
    files: tuple[str, ...]
    """Where its answers and its failures are, once it is over."""
    problem: str
    """Why it failed as a whole; empty when it did not."""

    @property
    def is_over(self) -> bool:
        return self.status in OVER


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What came of one question."""

    key: str
    text: str | None
    usage: Usage = field(default_factory=Usage)
    problem: str = ""
    """Why there is no text."""


def batch_line(key: str, request: Request, schema: type[BaseModel], *, model: str, parameters: Parameters) -> bytes:
    """One question as a line of the file; `key` comes back with its answer."""
    strict = response_format(Rung.SCHEMA, schema)
    wording = Wording(Dialect(), model, request.prompt.messages, parameters, response_format=strict)
    return orjson.dumps({"custom_id": key, "method": "POST", "url": ENDPOINT, "body": wording.body()})


class Batches:
    """The batch endpoint of one address. Every method raises a `ModelFault` when the address fails."""

    def __init__(
        self, *, base_url: str = PUBLIC_URL, api_key: SecretStr | None = None, limits: Limits | None = None
    ) -> None:
        self._secret = api_key.get_secret_value() if api_key else ""
        check_may_ask(base_url)
        self._client = openai.AsyncOpenAI(
            base_url=base_url, api_key=self._secret or "none", max_retries=2, timeout=(limits or Limits()).total_s
        )

    async def aclose(self) -> None:
        await self._client.close()

    async def upload(self, lines: Sequence[bytes]) -> str:
        """The id of a file with these lines. Raises `NoBatches` where there is no such endpoint."""
        with _faults(self._secret, may_be_absent=True):
            file = await self._client.files.create(file=("questions.jsonl", b"\n".join(lines) + b"\n"), purpose="batch")
        return file.id

    async def begin(self, file: str) -> str:
        """The id of a batch that answers `file`. Raises `NoBatches` where there is no such endpoint."""
        with _faults(self._secret, may_be_absent=True):
            batch = await self._client.batches.create(input_file_id=file, endpoint=ENDPOINT, completion_window=WINDOW)
        return batch.id

    async def find(self, file: str) -> str | None:
        """The id of the batch that was begun with `file`, among the latest hundred; None also without an endpoint."""
        with suppress(NoBatches), _faults(self._secret, may_be_absent=True):
            listed = await self._client.batches.list(limit=_LISTED)
            return next((batch.id for batch in listed.data if batch.input_file_id == file), None)
        return None

    async def look(self, batch: str) -> BatchState:
        with _faults(self._secret):
            found = await self._client.batches.retrieve(batch)
        errors = found.errors.data if found.errors and found.errors.data else []
        return BatchState(
            status=found.status,
            answered=found.request_counts.completed if found.request_counts else 0,
            files=tuple(file for file in (found.output_file_id, found.error_file_id) if file),
            problem="; ".join(error.message for error in errors if error.message) if found.status == "failed" else "",
        )

    async def answers(self, state: BatchState) -> list[BatchAnswer]:
        """What the files of a batch that is over hold; a question that is in none has no answer."""
        found: list[BatchAnswer] = []
        for file in state.files:
            with _faults(self._secret):
                content = await self._client.files.content(file)
            found += _read_answers(content.content, secret=self._secret)
        return found


@contextmanager
def _faults(secret: str, *, may_be_absent: bool = False) -> Iterator[None]:
    """Turns what the client raises into the faults of the door."""
    try:
        yield
    except openai.APIStatusError as error:
        if may_be_absent and error.status_code in ABSENT:
            raise NoBatches from None
        raise _fault_of(error.response, secret) from None
    except openai.APITimeoutError:
        raise TimedOut("the batch endpoint does not answer") from None
    except openai.APIConnectionError as error:
        raise Unreachable(f"no connection to the batch endpoint ({error.__cause__ or error})") from None


def _fault_of(response: Any, secret: str) -> ModelFault:
    return fault_of_status(response.status_code, headers=response.headers, body=response.content, secret=secret)


def _read_answers(content: bytes, *, secret: str) -> Iterator[BatchAnswer]:
    for line in content.splitlines():
        if line.strip():
            raw = orjson.loads(line)
            yield _read_answer(str(raw.get("custom_id")), raw, secret=secret)


def _read_answer(key: str, raw: Mapping[str, Any], *, secret: str) -> BatchAnswer:
    response = raw.get("response") or {}
    body = orjson.dumps(response.get("body") or {})
    try:
        if error := raw.get("error"):
            return BatchAnswer(key, None, problem=str(error.get("message") or error.get("code") or "it failed"))
        if response.get("status_code") != 200:
            raise fault_of_status(int(response.get("status_code") or 500), headers={}, body=body, secret=secret)
        text, usage = read_completion(body, secret=secret)
    except ModelFault as fault:
        return BatchAnswer(key, None, usage=fault.usage or Usage(), problem=f"{fault.kind}: {fault}")
    return BatchAnswer(key, text, usage=usage)
