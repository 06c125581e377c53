"""Conversations and their scores from a dataset folder, as an earlier study exported it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from core.errors import Unusable
from core.stimuli import JudgedScore
from core.transcript import Message, Role, Transcript

_SPOKEN = (Role.SEEKER.value, Role.SUPPORTER.value)


def dataset_transcripts(folder: Path) -> list[Transcript]:
    """The conversations of a dataset in which something was said, in the order of its table. Raises `Unusable`."""
    said: dict[str, list[tuple[int, Message]]] = defaultdict(list)
    for row in _rows(folder, "messages", needed=("conversation_id", "seq", "role", "text")):
        if row["role"] in _SPOKEN:
            message = Message(Role(row["role"]), row["text"])
            said[row["conversation_id"]].append((int(row["seq"]), message))
    return [
        Transcript(
            id=row["conversation_id"],
            messages=tuple(message for _, message in sorted(said[row["conversation_id"]], key=lambda found: found[0])),
            scenario=row["scenario"] or None,
        )
        for row in _rows(folder, "conversations", needed=("conversation_id", "scenario"))
        if row["conversation_id"] in said
    ]


def dataset_scores(folder: Path) -> list[JudgedScore]:
    """What the judges of a dataset gave. Raises `Unusable`."""
    names = ("conversation_id", "judge", "model", "rubric_version", "repeat", "dimension", "score", "failure")
    return [
        JudgedScore(
            transcript_id=row["conversation_id"],
            judge=row["judge"],
            model=row["model"],
            rubric_version=row["rubric_version"],
            repeat=int(row["repeat"]),
            dimension=row["dimension"],
            score=int(row["score"]) if row["score"] else None,
            failure=row["failure"] or None,
        )
        for row in _rows(folder, "scores", needed=names)
    ]


def _rows(folder: Path, table: str, *, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The rows of a table as text. Raises `Unusable` when it is not there, lacks a column or holds no such number."""
    from analysis.reading import find_table, read_cells  # brings pandas, which a server without datasets never needs

    path = find_table(folder, table)
    if path is None:
        raise Unusable(f"{folder}: there is no table of {table} in this dataset")
    cells = read_cells(path)
    for name in needed:
        if name not in cells.columns:
            raise Unusable(f"{path}: the column `{name}` is missing")
    for values in cells[list(needed)].itertuples(index=False):
        yield dict(zip(needed, map(str, values), strict=True))
