"""The file in which a recruiting platform says who it has sent: read as a whole, with every fault told by its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.cells import unmarked
from core.errors import Unusable
from core.text import has_invisible
from core.written import first_ten, text_of
from server.participants import MAX_ID

IDS = ("external_id", "prolific_pid", "participant id", "participant_id")
"""How platforms head the column of ids; the first that is there counts. Upper and lower case are one."""
COLUMNS: Mapping[str, Sequence[str]] = {
    "age": ("age",),
    "sex": ("sex",),
    "ethnicity": ("ethnicity simplified", "ethnicity"),
}
"""How they head what is taken over; other columns are not read."""
NOT_SAID = frozenset({"", "data_expired", "consent_revoked", "prefer not to say", "rather not say", "not applicable"})
"""What platforms write where they know nothing, or may not tell."""
AGES = range(18, 121)
_WRITTEN_AGES = frozenset(map(str, AGES))
SEXES = frozenset({"female", "male", "other"})
LONGEST = 60
"""Characters of an ethnicity; there is no list of them, for each country has its own."""
LARGEST_CELL = 128 * 1024
"""Characters."""
MOST_BYTES = 10 * 1024**2
"""Of a file: tens of thousands of people in as many columns as platforms write. Its people are held in memory at once,
and a million of them, who fit in when a line is an id and an age, take half a GiB.
"""


@dataclass(frozen=True, slots=True)
class Described:
    """What the platform says of one person; only what it knows."""

    external_id: str
    values: Mapping[str, str]


def read_demographics(path: Path) -> list[Described]:
    """Everybody in the file, in its order. Raises `Unusable`, with a line per fault that names no id."""
    lines = csv.reader(io.StringIO(text_of(path, most_bytes=MOST_BYTES), newline=""))
    rows = _rows(lines, path)
    head = [name.strip().casefold() for name in next(rows, [])]
    id_column = next((head.index(name) for name in IDS if name in head), None)
    columns = {item: head.index(name) for item, names in COLUMNS.items() for name in names[::-1] if name in head}
    if id_column is None or not columns:
        raise Unusable(f"{path}:1: needs a column of ids ({', '.join(IDS)}) and one of {', '.join(COLUMNS)}")
    people: dict[str, Described] = {}
    faults: list[str] = []
    for cells in rows:
        told = list(_faults(cells, head, id_column, columns))
        if not told:
            person = _described(cells, id_column, columns)
            if people.setdefault(person.external_id, person) != person:
                told = ["the id stands above with other values"]
        faults += [f"{path}:{lines.line_num}: {fault}" for fault in told]
    if faults:
        raise Unusable(first_ten(faults, source=str(path)))
    return list(people.values())


def _rows(lines: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    """Those that hold anything."""
    csv.field_size_limit(LARGEST_CELL)  # of the whole process, and others set their own
    try:
        yield from (cells for cells in lines if any(cells))
    except csv.Error as error:
        raise Unusable(f"{path}: no CSV ({error})") from None


def _faults(cells: Sequence[str], head: Sequence[str], id_column: int, columns: Mapping[str, int]) -> Iterator[str]:
    if len(cells) != len(head):
        yield f"{len(cells)} cells under {len(head)} headings"
        return
    read = {"id": id_column, **columns}
    if unseen := [name for name, column in read.items() if has_invisible(cells[column].strip())]:
        yield f"there are characters that nobody sees in: {', '.join(unseen)}"
        return
    if not 0 < len(cells[id_column].strip()) <= MAX_ID:
        yield f"the id is empty or longer than {MAX_ID} characters"
    said = {item: value for item, column in columns.items() if (value := _value(cells[column]))}
    if (age := said.get("age")) and age not in _WRITTEN_AGES:
        yield f"the age {age[:LONGEST]!r} is no whole number from {AGES[0]} to {AGES[-1]}"
    if (sex := said.get("sex")) and sex not in SEXES:
        yield f"the sex {sex[:LONGEST]!r} is none of {', '.join(sorted(SEXES))}"
    if len(said.get("ethnicity", "")) > LONGEST:
        yield f"the ethnicity is longer than {LONGEST} characters"


def _described(cells: Sequence[str], id_column: int, columns: Mapping[str, int]) -> Described:
    said = {item: value for item, column in columns.items() if (value := _value(cells[column]))}
    return Described(unmarked(cells[id_column].strip()), said)


def _value(cell: str) -> str:
    """A cell as the dataset writes it; empty where the platform does not say."""
    plain = unmarked(cell.strip()).casefold()
    return "" if plain in NOT_SAID else plain
