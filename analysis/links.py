"""What the tables of a dataset say of each other: every row belongs to one that is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from analysis.columns import Table, first_row
from analysis.dataset_tables import CHOICES, COMPARISONS, CONVERSATIONS, PARTICIPANTS, RESPONSES, SCALES, SCORES
from analysis.reading import find_table
from core.errors import Unusable
from core.transcript import parse_transcripts

STIMULI = "stimuli.jsonl"


def check_links(folder: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Raises `Unusable`, with file and row, for a conversation of nobody, a score of nothing that was said or compared,
    a second conversation in one round, an answer on a scale that is no number, or a conversation set beside itself.
    """
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
