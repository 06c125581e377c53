"""Answers of judges kept by what was asked, so that the same question to the same model costs once."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ValidationError

from core.errors import Unusable
from llm.models import ModelChoice, Models
from llm.reply import Answer, Label, T, TextReply
from llm.request import Request

CACHE = ".judged.sqlite"
"""The file of kept answers, in the folder of the rows they belong to."""


class Answers(Protocol):
    """Where a judge's questions go: to a model, or to what it has answered before."""

    async def answer(self, models: Models, request: Request, schema: type[T], *, repeat: int) -> Answer[T]: ...

    async def text(self, models: Models, request: Request, *, repeat: int) -> TextReply: ...


class NoCache:
    """Asks every time."""

    async def answer(self, models: Models, request: Request, schema: type[T], *, repeat: int) -> Answer[T]:
        return await models.answer(request, schema)

    async def text(self, models: Models, request: Request, *, repeat: int) -> TextReply:
        return await models.text(request)


class AnswerCache:
    """Answers of one model in an SQLite file beside the rows they belong to.

    The key is everything that the answer depends on: model, decoding, the rendered prompt, the schema and the number
    of the repeat. A changed rubric or prompt therefore finds nothing of its own, and leaves the others alone. Faults
    are not kept, nor are answers of another model that stepped in.
    """

    def __init__(self, path: Path, *, choice: ModelChoice) -> None:
        """Open or make the file; raises `Unusable` when that fails."""
        self._path, self.choice = path, choice
        try:
            self._file = sqlite3.connect(path)
            self._file.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, raw TEXT NOT NULL)")
            self._file.execute("CREATE TABLE IF NOT EXISTS batches (file TEXT PRIMARY KEY, model TEXT, batch TEXT)")
            self._file.commit()
        except sqlite3.Error as error:
            raise Unusable(f"{path}: no file of kept answers ({error}); remove it, or use --no-cache") from None

    def close(self) -> None:
        self._file.close()

    async def answer(self, models: Models, request: Request, schema: type[T], *, repeat: int) -> Answer[T]:
        """The kept answer, else the model's."""
        key = self.key(request, schema, repeat=repeat)
        if (raw := self._kept(key)) is not None:
            try:
                return Answer(value=schema.model_validate_json(raw), raw=raw, label=self._label(request))
            except ValidationError:
                pass
        answer = await models.answer(request, schema)
        self._keep(key, answer.value.model_dump_json(), label=answer.label)
        return answer

    async def text(self, models: Models, request: Request, *, repeat: int) -> TextReply:
        """The kept text, else the model's."""
        key = self.key(request, None, repeat=repeat)
        if (raw := self._kept(key)) is not None:
            return TextReply(text=raw, label=self._label(request))
        reply = await models.text(request)
        self._keep(key, reply.text, label=reply.label)
        return reply

    def has(self, request: Request, schema: type[BaseModel] | None, *, repeat: int) -> bool:
        """Whether the answer is kept; without a schema it is a text."""
        return self.has_key(self.key(request, schema, repeat=repeat))

    def has_key(self, key: str) -> bool:
        """Whether an answer is kept under `key`."""
        return self._kept(key) is not None

    def batches(self) -> list[tuple[str, str | None]]:
        """The files whose questions are with this model, each with its batch once that was begun."""
        query = "SELECT file, batch FROM batches WHERE model = ? ORDER BY rowid"
        return [(str(file), batch) for file, batch in self._file.execute(query, (str(self.choice),))]

    def note_batch(self, file: str, batch: str | None) -> None:
        """Remember a file that was uploaded, and its batch, until `forget_batch`."""
        with self._file:
            self._file.execute("INSERT OR REPLACE INTO batches VALUES (?, ?, ?)", (file, str(self.choice), batch))

    def forget_batch(self, file: str) -> None:
        with self._file:
            self._file.execute("DELETE FROM batches WHERE file = ?", (file,))

    def key(self, request: Request, schema: type[BaseModel] | None, *, repeat: int) -> str:
        """What the answer to `request` on the form `schema`, or its text, is kept under."""
        asked = {
            "model": str(self.choice),
            "decoding": dict(self.choice.decoding(request)),
            "prompt": [[message.role, message.content] for message in request.prompt.messages],
            "schema": json.dumps(schema.model_json_schema()) if schema else "",
            "repeat": repeat,
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def _kept(self, key: str) -> str | None:
        row = self._file.execute("SELECT raw FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _keep(self, key: str, raw: str, *, label: Label) -> None:
        if label.model == str(self.choice):
            self.keep(key, raw)

    def keep(self, key: str, raw: str) -> None:
        """Keep an answer under `key`."""
        try:
            with self._file:
                self._file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, raw))
        except (sqlite3.Error, UnicodeEncodeError):
            return  # the disk is full or the text has no UTF-8 form: it is asked for again next time

    def _label(self, request: Request) -> Label:
        return Label(
            model=str(self.choice),
            prompt_version=request.prompt.version,
            prompt_hash=request.prompt.hash,
            parameters=self.choice.decoding(request),
        )
