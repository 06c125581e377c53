"""Making a dataset anonymous: new ids, times from each person's start, no external ids."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

import orjson

from server.export.judging import HUMAN
from server.export.rows import Row, Snapshot

IDS = {
    "participants": ("participant_id",),
    "conversations": ("participant_id", "conversation_id"),
    "messages": ("conversation_id",),
    "scores": ("conversation_id",),
    "responses": ("participant_id",),
    "events": ("participant_id", "dialogue"),
    "feedback": ("participant_id", "dialogue_id"),
    "choices": ("rater_id",),
}


class Anonymizer:
    """Gives every person and dialogue a new id, in random order, and every time as seconds since that person's start.

    The new ids cannot be traced back: the order is drawn afresh at each export and kept nowhere.
    """

    def __init__(self, snapshot: Snapshot, *, generator: random.Random) -> None:
        people = [row.id for row in snapshot.participants]
        dialogues = [talk.row.id for talk in snapshot.talks]
        self._names = _renamed(people, "P", generator) | _renamed(dialogues, "D", generator)
        starts = {row.id: row.consented_at or row.entered_at for row in snapshot.participants}
        self._starts = starts | {talk.row.id: starts[talk.row.participant_id] for talk in snapshot.talks}

    def rows(self, table: str, rows: Iterable[Row], *, times: Sequence[str]) -> list[Row]:
        """The rows of `table` under new ids and in their order, which tells nothing, with `times` in seconds."""
        return sorted(self._renamed(table, rows, times), key=lambda row: [row.get(name) or "" for name in IDS[table]])

    def _renamed(self, table: str, rows: Iterable[Row], times: Sequence[str]) -> Iterator[Row]:
        for row in rows:
            owner = next(row[name] for name in IDS[table] if row.get(name))
            changed = {name: self._name(row.get(name)) for name in IDS[table]}
            changed |= {name: _seconds(row.get(name), start=self._starts[owner]) for name in times}
            if table == "scores" and row["model"].startswith(HUMAN):
                changed["model"] = HUMAN + str(self._name(row["model"].removeprefix(HUMAN)))
            if "external_id" in row:
                changed["external_id"] = None
            if table == "events":
                changed["payload"] = _timeless(row)
            yield {**row, **changed}

    def _name(self, old: str | None) -> str | None:
        """The new id of a person or dialogue; conversations that a study only shows keep the id its file gives them."""
        return None if old is None else self._names.get(old, old)


def _seconds(at: int | None, *, start: int) -> str | None:
    """A time as the dataset has it when nobody may know the day: seconds since the start, three decimals."""
    return None if at is None else f"{(at - start) / 1000:.3f}"


def _timeless(event: Row) -> str:
    """An event's particulars without what leads back: ids of connections and lines, the time of the client's clock."""
    if event["kind"] in ("joined", "said"):
        return "{}"
    particulars = orjson.loads(event["payload"])
    particulars.pop("client_at_ms", None)
    return orjson.dumps(particulars).decode()


def _renamed(ids: list[str], prefix: str, generator: random.Random) -> dict[str, str]:
    order = list(range(1, len(ids) + 1))
    generator.shuffle(order)
    width = len(str(len(ids)))
    return {old: f"{prefix}{number:0{width}d}" for old, number in zip(ids, order, strict=True)}
