"""The files that follow from the sessions of an arena, as `judge`, `compare`, `agree` and `means` read them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from core.cells import marked
from core.transcript import Message, Role, Transcript
from core.written import write_whole
from judges.comparison_file import COLUMNS, ComparedRow
from judges.means import SOURCES
from judges.row import as_line
from judges.rubric import load_rubric
from server.arena.held import Held
from server.arena.roles import turn_id, with_reply

SESSIONS = "sessions.jsonl"
"""What was held, one session a line: everything else is made from it."""
SCORES = "scores.jsonl"
SOURCES_FILE = "sources.csv"
RATED_BY = "session_aspects"
"""The rubric by which people rate."""


def write_results(folder: Path, held: Sequence[Held]) -> None:
    """Write every file anew. Raises `Unusable` when that fails."""
    alternatives = list(_alternatives(held))
    sources = [(transcript.id, name) for transcript, name in alternatives]
    sources += [(each.id, each.supporters[0]) for each in held if len(each.supporters) == 1]
    _write_lines(folder / "transcripts.jsonl", (_as_line(_transcript(each)) for each in held))
    _write_csv(folder / SOURCES_FILE, [SOURCES, *sources])
    if alternatives:
        _write_lines(folder / "alternatives.jsonl", (_as_line(transcript) for transcript, _ in alternatives))
        _write_csv(folder / "comparisons.csv", [COLUMNS, *map(astuple, comparisons(held))])
    if any(each.scores for each in held):
        _write_lines(folder / SCORES, (_score_line(each) for each in held if each.scores))


def comparisons(held: Iterable[Held]) -> list[ComparedRow]:
    """A row per turn at which two supporters were asked, as `compare` writes it; ids are those of the alternatives."""
    rows = []
    orders: Counter[str] = Counter()
    for each in held:
        for number, turn in enumerate(each.turns, start=1):
            if turn.choice is None:
                continue
            orders[each.scenario] += 1
            id_, choice = turn_id(each.id, number), turn.choice
            rows.append(
                ComparedRow(
                    scenario=each.scenario,
                    order=str(orders[each.scenario]),
                    a_id=f"{id_}A",
                    b_id=f"{id_}B",
                    winner=choice.winner or "",
                    model=choice.model or each.terms.chooser,
                    prompt_version=choice.prompt_version,
                    failure=choice.failure,
                    first=choice.first or "",
                    second=choice.second or "",
                )
            )
    return rows


def _alternatives(held: Iterable[Held]) -> Iterator[tuple[Transcript, str]]:
    """The two conversations that each turn with two replies could have led to, with whose reply they end.

    Their scenario is the turn, so that whoever pairs transcripts of one scenario pairs these two.
    """
    for each in held:
        for number, turn in enumerate(each.turns, start=1):
            texts = [reply.text for reply in turn.replies if reply.text is not None]
            if turn.choice is None or len(texts) < len(turn.replies):
                continue
            id_ = turn_id(each.id, number)
            history = Transcript(id_, each.history(number), scenario=id_)
            for letter, reply, text in zip("AB", turn.replies, texts, strict=True):
                yield with_reply(history, text, letter), reply.supporter


def _transcript(held: Held) -> Transcript:
    said = tuple(Message(Role(spoken.role), spoken.text) for spoken in held.messages)
    return Transcript(held.id, said, scenario=held.scenario)


def _as_line(transcript: Transcript) -> str:
    messages = [{"role": message.role.value, "text": message.text} for message in transcript.messages]
    return as_line({"id": transcript.id, "scenario": transcript.scenario, "messages": messages})


def _score_line(held: Held) -> str:
    rubric = load_rubric(RATED_BY)
    fields: dict[str, Any] = {"id": held.id, "rubric": rubric.name, "rubric_version": rubric.version}
    fields |= {"model": held.terms.seeker, "repeat": 1, "scores": held.scores, "overall": None}
    return as_line(fields | {"evidence": {}, "reason": {}, "failure": None})


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    write_whole(path, "".join(f"{line}\n" for line in lines))


def _write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([marked(cell) for cell in row] for row in rows)
    write_whole(path, text.getvalue())
