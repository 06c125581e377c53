"""A dataset folder as frames: read, verified against its manifest, checked, every repeated row counted once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.columns import Table, check_keys, first_row, typed
from analysis.dataset_tables import (
    CHOICES,
    COMPARISONS,
    CONVERSATIONS,
    FEEDBACK,
    MESSAGES,
    PARTICIPANTS,
    RESPONSES,
    SCALES,
    SCORES,
    TABLES,
)
from analysis.places import places
from analysis.plan import Plan, plan_as_run
from analysis.reading import find_table, read_cells
from core.errors import Unusable
from core.located import Faults, LocatedYaml
from core.transcript import parse_transcripts

STUDY = "study.yaml"
STIMULI = "stimuli.jsonl"
_SHA256_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Dataset:
    """What `load` read; each frame has the columns of `dataset_tables`, its index being the row in the file."""

    folder: Path
    participants: pd.DataFrame
    conversations: pd.DataFrame
    scores: pd.DataFrame
    messages: pd.DataFrame
    responses: pd.DataFrame
    feedback: pd.DataFrame
    choices: pd.DataFrame
    comparisons: pd.DataFrame
    participant_rows: int
    """Rows of `participants` as they stand in the file."""
    resent: int
    """How many of them repeat an earlier row verbatim."""
    repeated: Mapping[str, int]
    """Rows repeated verbatim, per table; 0 included."""
    absent: frozenset[str]
    """Tables without a file or without a row."""
    unknown: Mapping[str, tuple[str, ...]]
    """Columns that no analysis knows, per file that has some; they are not read."""
    study: LocatedYaml | None
    """`study.yaml` as run, a mapping; None where the folder has none."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    """Conditions of the study by another name, and whose place each has in `participants`."""


def load(folder: Path | str, *, plan: Plan | None = None) -> Dataset:
    """Read a dataset folder; conditions get the places that `plan` gives them, or the plan of the folder's study.yaml.

    Raises `Unusable`, naming file and row where there is one: a needed table or column is absent, a checksum of
    `manifest.json` differs, `study.yaml` is no YAML or no mapping, a cell has the wrong type or an unknown value, an id
    has two contents, a conversation belongs to nobody, a score to nothing that was said or compared, somebody has two
    conversations in one round, an answer on a scale is no number, or a conversation is set beside itself.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Unusable(f"{folder}: there is no such folder")
    manifest = _read_manifest(folder)
    _check_sums(folder, manifest)
    study = _read_study(folder / STUDY)
    moved = _moved(study, plan or plan_as_run(study))
    frames: dict[str, pd.DataFrame] = {}
    repeated: dict[str, int] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    for table in TABLES:
        read = _read_table(folder, table, moved=moved if table is PARTICIPANTS else {})
        frames[table.name], repeated[table.name] = read.frame, read.repeated
        if read.unknown:
            unknown[read.file] = read.unknown
    _check_links(folder, frames)
    participants = frames[PARTICIPANTS.name]
    return Dataset(
        folder=folder,
        participants=participants,
        conversations=frames[CONVERSATIONS.name],
        scores=frames[SCORES.name],
        messages=frames[MESSAGES.name],
        responses=frames[RESPONSES.name],
        feedback=frames[FEEDBACK.name],
        choices=frames[CHOICES.name],
        comparisons=frames[COMPARISONS.name],
        participant_rows=len(participants) + repeated[PARTICIPANTS.name],
        resent=repeated[PARTICIPANTS.name],
        repeated=repeated,
        absent=frozenset(name for name, frame in frames.items() if frame.empty),
        unknown=unknown,
        study=study,
        manifest=manifest,
        places=moved,
    )


def sha256(content: bytes) -> str:
    """The SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class _Read:
    """One table as read, how many of its rows repeat another, and the columns that were passed over."""

    file: str
    frame: pd.DataFrame
    repeated: int
    unknown: tuple[str, ...]


def _moved(study: LocatedYaml | None, plan: Plan) -> dict[str, str]:
    """The conditions that take another place than that of their name."""
    named = study.value.get("conditions") if study is not None else None
    taken = places([str(one) for one in named] if isinstance(named, list) else [], plan.content.places)
    return {condition: place for condition, place in taken.items() if condition != place}


def _read_table(folder: Path, table: Table, *, moved: Mapping[str, str]) -> _Read:
    path = find_table(folder, table.name)
    if path is None and table.needed:
        raise Unusable(f"{folder}: {table.name}.csv (or .parquet) is missing; analyze needs it")
    cells = pd.DataFrame() if path is None else read_cells(path)
    if not len(cells.columns):
        if path is not None and table.needed:
            raise Unusable(f"{path.name}: the file is empty; it needs at least its header")
        cells = pd.DataFrame(columns=[column.name for column in table.columns], dtype=object)
    file = path.name if path else table.name
    twice = cells.duplicated()
    if moved and "condition" in cells:
        cells["condition"] = [moved.get(condition, condition) for condition in cells["condition"]]
    frame = typed(cells[~twice], table, file=file)
    check_keys(frame, table, file=file)
    unknown = tuple(str(name) for name in cells.columns if name not in frame.columns)
    return _Read(file=file, frame=frame, repeated=int(twice.sum()), unknown=unknown)


def _check_links(folder: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    conversations = frames[CONVERSATIONS.name]
    file = _file(folder, CONVERSATIONS)
    people = frames[PARTICIPANTS.name]["participant_id"]
    _check_known(conversations, people, "participant_id", file=file, whose="participants")
    shown = _shown(folder, frames)
    known = pd.concat([conversations["conversation_id"], *shown, _judged(folder / STIMULI)])
    _check_known(frames[SCORES.name], known, "conversation_id", file=_file(folder, SCORES), whose=file)
    _check_answers(frames[RESPONSES.name], file=_file(folder, RESPONSES))
    again = conversations.duplicated(subset=["participant_id", "round"]) & conversations["round"].notna()
    if again.any():
        row = first_row(again)
        who, round_ = str(conversations.at[row, "participant_id"]), str(conversations.at[row, "round"])
        raise Unusable(f"{file}: row {row}: {who} has a second conversation in round {round_.removesuffix('.0')}")


def _check_answers(responses: pd.DataFrame, *, file: str) -> None:
    scales = responses["instrument"].isin(SCALES) & (responses["value"] != "")
    wrong = scales & pd.to_numeric(responses["value"].where(scales), errors="coerce").isna()
    if wrong.any():
        row = first_row(wrong)
        item, value = str(responses.at[row, "item"]), str(responses.at[row, "value"])
        raise Unusable(f"{file}: row {row}: the answer to `{item}` must be a number, not {value[:60]!r}")


def _shown(folder: Path, frames: Mapping[str, pd.DataFrame]) -> Iterator[pd.Series]:
    """The ids that were set side by side; raises `Unusable` where one stands on both sides."""
    for table, sides in ((CHOICES, ("left_id", "right_id")), (COMPARISONS, ("a_id", "b_id"))):
        frame = frames[table.name]
        same = frame[sides[0]] == frame[sides[1]]
        if same.any():
            row = first_row(same)
            raise Unusable(f"{_file(folder, table)}: row {row}: {frame.at[row, sides[0]]!s} is set beside itself")
        yield from (frame[side] for side in sides)


def _judged(path: Path) -> pd.Series:
    """The ids of the conversations that people judged in this study, which others have had; none without the file."""
    if not path.is_file():
        return pd.Series(dtype=object)
    try:
        with path.open(encoding="utf-8") as lines:
            return pd.Series([transcript.id for transcript in parse_transcripts(lines, source=path.name)], dtype=object)
    except (OSError, UnicodeDecodeError):
        raise Unusable(f"{path.name}: cannot be read as UTF-8 text") from None


def _check_known(frame: pd.DataFrame, known: pd.Series, name: str, *, file: str, whose: str) -> None:
    unknown = ~frame[name].isin(known)
    if unknown.any():
        row = first_row(unknown)
        raise Unusable(f"{file}: row {row}: the {name} {frame.at[row, name]!r} is not in {whose}")


def _file(folder: Path, table: Table) -> str:
    path = find_table(folder, table.name)
    return path.name if path else table.name


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path.name}: cannot be read as UTF-8 text ({error})") from None


def _read_study(path: Path) -> LocatedYaml | None:
    text = _read_text(path)
    if text is None:
        return None
    study = LocatedYaml(text, file=path.name)
    if not isinstance(study.value, dict):
        raise Faults([study.fault((), "a study is a mapping")])
    return study


def _read_manifest(folder: Path) -> Mapping[str, Any]:
    text = _read_text(folder / "manifest.json")
    if text is None:
        return {}
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise Unusable(f"manifest.json: not readable as JSON ({error})") from None
    if not isinstance(manifest, dict):
        raise Unusable("manifest.json: must be a JSON object")
    return manifest


def _check_sums(folder: Path, manifest: Mapping[str, Any]) -> None:
    for name, expected in sorted(set(_sums(manifest))):
        path = _named(folder, name)
        if path is not None and sha256(path.read_bytes()) != expected.lower():
            raise Unusable(f"{path.name}: changed after the export: its SHA-256 is not the one in manifest.json")


def _named(folder: Path, name: str) -> Path | None:
    candidates = (folder / f"{Path(name).name}{suffix}" for suffix in ("", ".csv", ".parquet"))
    return next((path for path in candidates if path.is_file()), None)


def _sums(node: object) -> Iterator[tuple[str, str]]:
    """Every (file or table name, SHA-256) of a manifest, whether it maps names to sums or lists entries with both."""
    if isinstance(node, list):
        for item in node:
            yield from _sums(item)
    if not isinstance(node, dict):
        return
    named = next((node[key] for key in ("file", "name", "path") if isinstance(node.get(key), str)), None)
    if named is not None and _is_sum(node.get("sha256")):
        yield named, str(node["sha256"])
    for key, value in node.items():
        if _is_sum(value):
            yield key, value
        elif isinstance(value, dict) and _is_sum(value.get("sha256")):
            yield key, str(value["sha256"])
        else:
            yield from _sums(value)


def _is_sum(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) == _SHA256_DIGITS
        and all(digit in "0123456789abcdef" for digit in value.lower())
    )
