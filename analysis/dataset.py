"""A dataset folder as frames: read, verified against its manifest, checked, every repeated row counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.columns import Table, check_keys, typed
from analysis.dataset_tables import (
    CHOICES,
    COMPARISONS,
    CONVERSATIONS,
    FEEDBACK,
    MESSAGES,
    PARTICIPANTS,
    RESPONSES,
    SCORES,
    TABLES,
)
from analysis.links import check_links
from analysis.manifest import check_sums, read_manifest
from analysis.places import places
from analysis.plan import Plan, plan_as_run
from analysis.reading import find_table, read_cells, read_text
from core.errors import Unusable
from core.located import Faults, LocatedYaml

STUDY = "study.yaml"


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
    plan: Plan
    """By which it is analysed: the one that was asked for, or else that of `study`."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    """Conditions of the study by another name, and whose place each has in `participants`."""


def load(folder: Path | str, *, plan: Plan | None = None) -> Dataset:
    """Read a dataset folder, to be analysed by `plan`, or by the plan of the folder's own study.yaml.

    Conditions get the places that the plan gives them.
    Raises `Unusable`, naming file and row where there is one: a needed table or column is absent, a checksum of
    `manifest.json` differs, `study.yaml` is no YAML or no mapping, a cell has the wrong type or an unknown value, an id
    has two contents, a conversation belongs to nobody, a score to nothing that was said or compared, somebody has two
    conversations in one round, an answer on a scale is no number, or a conversation is set beside itself.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Unusable(f"{folder}: there is no such folder")
    manifest = read_manifest(folder)
    check_sums(folder, manifest)
    study = _read_study(folder / STUDY)
    plan = plan or plan_as_run(study)
    moved = _moved(study, plan)
    frames: dict[str, pd.DataFrame] = {}
    repeated: dict[str, int] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    for table in TABLES:
        read = _read_table(folder, table, moved=moved if table is PARTICIPANTS else {})
        frames[table.name], repeated[table.name] = read.frame, read.repeated
        if read.unknown:
            unknown[read.file] = read.unknown
    check_links(folder, frames)
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
        plan=plan,
        manifest=manifest,
        places=moved,
    )


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
        places(sorted(set(cells["condition"]) - {""}), moved)  # nobody else may have one of these places
        cells["condition"] = [moved.get(condition, condition) for condition in cells["condition"]]
    frame = typed(cells[~twice], table, file=file)
    check_keys(frame, table, file=file)
    unknown = tuple(str(name) for name in cells.columns if name not in frame.columns)
    return _Read(file=file, frame=frame, repeated=int(twice.sum()), unknown=unknown)


def _read_study(path: Path) -> LocatedYaml | None:
    text = read_text(path)
    if text is None:
        return None
    study = LocatedYaml(text, file=path.name)
    if not isinstance(study.value, dict):
        raise Faults([study.fault((), "a study is a mapping")])
    return study
