"""One dialogue as the desk shows it: what was said, the pauses, and how it was judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlmodel import select

from core.dialogue import fold
from core.dimensions import DIMENSIONS, Dimension, framework
from core.errors import DamagedLog
from core.events import Alerted, Closed, Entry, Paused, Resumed, Said, TakenUp, Unseen
from core.score import overall
from core.transcript import Message, Role, Transcript
from judges.tags import tagged
from server.desk.overview import short
from server.storage.signs import last_signs
from server.storage.tables import DialogueRow, ParticipantRow, ScoreRow
from server.summary import served_until, summary_of
from server.times import iso
from server.world import World


async def transcript_shown(world: World, row: DialogueRow) -> dict[str, Any]:
    """Everything about one dialogue; of a damaged one what is left, with the active time up to what is missing."""
    entries = await world.log.read(row.id)
    moves = {} if row.counterpart == Role.COACH.value else _moves(entries)
    async with world.database.reading() as session:
        alive_at = await last_signs(session)
        participant = await session.get_one(ParticipantRow, row.participant_id)
        scores = (await session.exec(select(ScoreRow).where(ScoreRow.conversation_id == row.id))).all()
    damage = None
    try:
        state = fold(entries)
    except DamagedLog as found:
        damage = found
        state = fold(entries[: damage.missing - 1])
    until = state.at if damage else served_until(state, alive_at, now=world.now())
    whole = summary_of(entries, state, now=until)
    return {
        "id": row.id,
        "participant": short(row.participant_id),
        "study": participant.slug,
        "study_url": f"/desk/studies/{participant.slug}",
        "condition": participant.condition or "",
        "round": row.round,
        "scenario": row.scenario or "",
        "kind": "coach" if row.counterpart == Role.COACH.value else "conversation",
        "started_at": None if whole.started_at is None else iso(whole.started_at),
        "ended_at": None if whole.ended_at is None else iso(whole.ended_at),
        "end_reason": None if whole.end_reason is None else whole.end_reason.value,
        "active_s": whole.active_s,
        "wall_s": whole.wall_s,
        "model": whole.model or "–",
        "prompt_version": whole.prompt_version or "–",
        "damage": None if damage is None else damage.message,
        "entries": [shown for entry in entries for shown in _shown(entry, entries, moves)],
        "scores": _scores_shown(scores),
    }


def _moves(entries: Sequence[Entry]) -> dict[int, list[dict[str, str]]]:
    """What the rules find in the supporter's sentences, by the place of the message in the log (LE-88)."""
    said = [(entry.seq, entry.event) for entry in entries if isinstance(entry.event, Said)]
    transcript = Transcript(id="", messages=tuple(Message(event.role, event.text) for _, event in said))
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for move in tagged(transcript):
        seq, _ = said[move.message]
        found[seq].append({"tag": move.tag.value, "quote": move.quote})
    return found


def _shown(
    entry: Entry, entries: Sequence[Entry], moves: Mapping[int, list[dict[str, str]]]
) -> Iterable[dict[str, Any]]:
    match entry.event:
        case Said() as said:
            yield {
                "kind": "message",
                "seq": entry.seq,
                "role": said.role.value,
                "text": said.text,
                "at": iso(entry.at),
                "pasted": said.pasted,
                "compose_ms": said.compose_ms,
                "moves": moves.get(entry.seq, []),
            }
        case Paused(cause):
            ends = (e.at for e in entries if e.seq > entry.seq and e.event in (Resumed(cause),))
            end = next(ends, None)
            seconds = None if end is None else (end - entry.at) / 1000
            yield {"kind": "pause", "causes": [cause.value], "at": iso(entry.at), "seconds": seconds}
        case Alerted():
            yield {"kind": "note", "text": "help lines were shown and the desk was told", "at": iso(entry.at)}
        case TakenUp():
            yield {"kind": "note", "text": "the server had stopped; the clock went on from here", "at": iso(entry.at)}
        case Unseen(ms):
            text = f"the connection had been dead for {ms / 1000:.0f} s of the clock, which were given back"
            yield {"kind": "note", "text": text, "at": iso(entry.at)}
        case Closed(reason):
            yield {"kind": "note", "text": f"closed: {reason.value}", "at": iso(entry.at)}


def _scores_shown(rows: Sequence[ScoreRow]) -> list[dict[str, Any]]:
    by_judge: dict[tuple[str, str, str, int], list[ScoreRow]] = defaultdict(list)
    for row in rows:
        by_judge[row.judge, row.model, row.rubric_version, row.repeat].append(row)
    return [_score_shown(found) for found in by_judge.values()]


def _score_shown(rows: Sequence[ScoreRow]) -> dict[str, Any]:
    by_dimension = {Dimension(row.dimension): row for row in rows}
    failures = {row.failure for row in rows}
    return {
        "judge": rows[0].judge,
        "model": rows[0].model,
        "version": rows[0].rubric_version,
        "overall": overall({dimension: row.score for dimension, row in by_dimension.items()}),
        "failure": next(iter(failures)) if all(row.score is None for row in rows) else None,
        "dimensions": [
            {
                "name": framework()[dimension].name,
                "score": row.score,
                "reason": row.reason or row.failure or "",
                "quotes": orjson.loads(row.evidence),
            }
            for dimension, row in sorted(by_dimension.items(), key=lambda found: DIMENSIONS.index(found[0]))
        ],
    }
