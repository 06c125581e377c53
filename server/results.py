"""A participant's own results: their conversations, the judge's scores, and what they felt themselves."""

from __future__ import annotations

from typing import Any

import orjson
from sqlmodel import select

from core.dimensions import DIMENSIONS, PRESCRIPTIVE, Dimension, framework
from core.score import overall
from core.transcript import Role
from server.storage.tables import DialogueRow, ParticipantRow, ResponseRow, ScoreRow
from server.world import World

FELT = "self_assessment"


async def results_of(world: World, participant: ParticipantRow) -> dict[str, Any]:
    """All rounds with messages, scores (None where not rated), self-assessment; `pending` until a score has come."""
    conversations = [
        row for row in await world.dialogues.of_participant(participant.id) if row.counterpart == Role.SEEKER.value
    ]
    return {
        "rounds": [await _round(world, participant, row) for row in conversations],
        "dimensions": [
            {
                "id": d.dimension.value,
                "name": d.name,
                "definition": d.definition,
                "kind": "prescriptive" if d.dimension in PRESCRIPTIVE else "proscriptive",
            }
            for d in framework().definitions
        ],
    }


async def _round(world: World, participant: ParticipantRow, row: DialogueRow) -> dict[str, Any]:
    async with world.database.reading() as session:
        scored = (await session.exec(select(ScoreRow).where(ScoreRow.conversation_id == row.id))).all()
        felt = await session.exec(
            select(ResponseRow.item, ResponseRow.value).where(
                ResponseRow.participant_id == participant.id,
                ResponseRow.round == row.round,
                ResponseRow.instrument == FELT,
            )
        )
        answers = {item: int(value) for item, value in felt.all()}
    scores = {Dimension(row.dimension): row.score for row in scored}
    transcript = await world.transcript_of(row)
    return {
        "round": row.round,
        "scenario_title": world.personas[row.scenario or ""].name,
        "messages": [{"role": m.role.value, "text": m.text} for m in transcript.messages],
        "scores": {dimension.value: scores.get(dimension) for dimension in Dimension},
        "overall": overall(scores),
        "judged": [_judged(found) for found in sorted(scored, key=lambda r: DIMENSIONS.index(Dimension(r.dimension)))],
        "judged_by": scored[0].model if scored else None,
        "felt": answers,
        "pending": not scored,
    }


def _judged(row: ScoreRow) -> dict[str, Any]:
    """One dimension as the judge saw it: the score with its reason and quotes, or why there is none."""
    return {
        "name": framework()[Dimension(row.dimension)].name,
        "score": row.score,
        "reason": row.reason or row.failure or "",
        "quotes": orjson.loads(row.evidence),
    }
