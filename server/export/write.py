"""Writing a dataset folder: complete or not at all."""

from __future__ import annotations

import csv
import hashlib
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from core.cells import marked
from core.errors import NotFound, Unusable
from core.participant import ParticipantStatus
from personas.persona import Persona
from server.export import judging, rows
from server.export.anonymous import IDS, Anonymizer
from server.export.codebook import Column, codebook, columns
from server.export.folder import WholeFolder
from server.export.rows import Row, Snapshot, take_snapshot
from server.practice import SLUG as PRACTICE
from server.storage.database import Database
from server.storage.tables import StudyVersionRow
from server.times import iso

STIMULI = "stimuli.jsonl"
"""Transcript lines of what people judged, with their `ratings`: a reference for `lendanear agree`."""
FREE_TEXT = "messages.csv and responses.csv hold what people wrote: read them before you give them away"


class Format(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    folder: Path
    counts: Mapping[str, int]
    warning: str = ""
    faults: Sequence[str] = ()
    """What had to be left out, a line for each dialogue."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the dataset is to be written."""

    format: Format = Format.CSV
    anonymous: bool = False
    with_identities: bool = False


async def export(
    database: Database, slug: str, out: Path, *, wishes: Wishes, personas: Mapping[str, Persona], salt: str, now: int
) -> Exported:
    """Write the dataset of study `slug` to the folder `out`, also while the study runs.

    Everything is read in one transaction; a dialogue whose log has a hole is left out. Raises `NotFound` for a study
    that is not here, `Unusable` when `out` cannot be written or holds other things; then nothing of `out` has changed.
    """
    if slug == PRACTICE:
        raise NotFound("practice is never exported")
    if wishes.anonymous and wishes.with_identities:
        raise Unusable("--anonymous and --with-identities exclude each other")
    async with database.snapshot() as session:
        snapshot = await take_snapshot(session, slug)
        if not snapshot.bundles:
            raise NotFound(f"there is no study called {slug!r} in this database")
        versions = [await session.get_one(StudyVersionRow, study_hash) for study_hash in snapshot.bundles]
    frozen = max(versions, key=lambda v: (v.frozen_at is not None, v.loaded_at)).hash
    tables = _tables(snapshot, personas, salt=salt, now=now)
    tables = _anonymous(tables, snapshot) if wishes.anonymous else _dated(tables)
    shown = list(judging.shown_transcripts(snapshot, list(tables["scores"])))
    with WholeFolder(out, names=OURS) as folder:
        counts = {name: _write(folder, name, list(found), wishes.format) for name, found in tables.items()}
        (folder / "codebook.json").write_bytes(_pretty(codebook()))
        (folder / "study.yaml").write_text(snapshot.bundles[frozen].definition, encoding="utf-8")
        if shown:
            (folder / STIMULI).write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in shown))
        if wishes.with_identities:
            _write_identities(folder, snapshot)
        allocation = [{"study_hash": v.hash, "seed": v.seed, "frozen_at": _iso(v.frozen_at)} for v in versions]
        (folder / "manifest.json").write_bytes(
            _pretty(
                _manifest(
                    folder,
                    counts,
                    study=slug,
                    study_hash=frozen,
                    exported_at=iso(now),
                    versions=allocation,
                    left_out_dialogues=len(snapshot.holes),
                )
            )
        )
    return Exported(out, counts, warning=FREE_TEXT if wishes.anonymous else "", faults=_faults(snapshot))


def _faults(snapshot: Snapshot) -> list[str]:
    return [
        f"dialogue {dialogue} is left out: entry {seq} of its log is missing in the database"
        for dialogue, seq in snapshot.holes.items()
    ]


def _tables(snapshot: Snapshot, personas: Mapping[str, Persona], *, salt: str, now: int) -> dict[str, Iterable[Row]]:
    trials = judging.trials(snapshot)
    return {
        "participants": rows.participants(snapshot, salt=salt),
        "conversations": rows.conversations(snapshot, personas, now=now),
        "messages": rows.messages(snapshot),
        "scores": [*rows.scores(snapshot), *judging.judged_scores(snapshot, trials)],
        "responses": [*rows.responses(snapshot, trials), *judging.other_answers(snapshot, trials)],
        "events": rows.events(snapshot),
        "feedback": rows.feedback(snapshot),
        "choices": judging.choices(snapshot, trials),
        "comparisons": judging.comparisons(snapshot),
    }


def _anonymous(tables: dict[str, Iterable[Row]], snapshot: Snapshot) -> dict[str, Iterable[Row]]:
    anonymizer = Anonymizer(snapshot, generator=random.SystemRandom())
    return {
        name: anonymizer.rows(name, found, times=_times(name)) if name in IDS else found
        for name, found in tables.items()
    }


def _dated(tables: dict[str, Iterable[Row]]) -> dict[str, Iterable[Row]]:
    """The tables with every time in ISO 8601."""
    return {
        name: [{**row, **{time: _iso(row.get(time)) for time in _times(name)}} for row in found]
        for name, found in tables.items()
    }


def _times(table: str) -> list[str]:
    return [column.name for column in columns()[table] if column.type == "time"]


def _write(folder: Path, table: str, found: list[Row], form: Format) -> int:
    if form is Format.PARQUET:
        _write_parquet(folder / f"{table}.parquet", columns()[table], found)
    else:
        _write_csv(folder / f"{table}.csv", columns()[table], found)
    return len(found)


def _write_csv(path: Path, described: tuple[Column, ...], found: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in described])
        for row in found:
            writer.writerow([csv_cell(row.get(column.name), column.type) for column in described])


def csv_cell(value: Any, kind: str) -> str:
    """A value as a cell of CSV: empty for None, a text marked where a spreadsheet would see a formula."""
    if value is None:
        return ""
    if kind == "bool":
        return "true" if value else "false"
    if kind in ("integer", "number", "time"):
        return f"{value}"
    return marked(str(value))


def _write_parquet(path: Path, described: tuple[Column, ...], found: list[Row]) -> None:
    import duckdb
    import pandas as pd

    frame = pd.DataFrame({c.name: _series(found, c) for c in described})
    casts = ", ".join(f'CAST("{c.name}" AS {_PARQUET[c.type]}) AS "{c.name}"' for c in described)
    connection = duckdb.connect()
    connection.from_df(frame).project(casts).write_parquet(str(path))
    connection.close()


_PARQUET = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "bool": "BOOLEAN", "time": "VARCHAR"}
_PANDAS = {"text": "string", "integer": "Int64", "number": "Float64", "bool": "boolean", "time": "string"}


def _series(found: list[Row], column: Column) -> Any:
    import pandas as pd

    values = [row.get(column.name) for row in found]
    if column.type == "number":
        values = [None if value is None else float(value) for value in values]
    return pd.Series(values, dtype=_PANDAS[column.type])


def _write_identities(folder: Path, snapshot: Snapshot) -> None:
    with (folder / "identities.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(["participant_id", "external_id", "session_id", "source"])
        for row in snapshot.participants:
            known = row.external_id if row.status != ParticipantStatus.WITHDRAWN else None
            writer.writerow([csv_cell(v, "text") for v in (row.id, known, row.session_id, row.source)])


def _manifest(folder: Path, counts: Mapping[str, int], **facts: Any) -> dict[str, Any]:
    return {
        **facts,
        "software": {"lendanear": version("lendanear"), "python": sys.version.split()[0]},
        "rows": counts,
        "sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.iterdir())
            if path.name != "identities.csv"
        },
    }


def _pretty(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)


OURS = frozenset({f"{name}.{form}" for name in columns() for form in Format}) | {
    "codebook.json",
    "study.yaml",
    "manifest.json",
    "identities.csv",
    STIMULI,
}
