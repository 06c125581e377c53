"""What a judge found, as rows of the table of scores."""

from __future__ import annotations

import orjson

from core.dimensions import DIMENSIONS
from core.text import storable
from judges.criteria import Rubric
from judges.rate import Rating
from server.storage.tables import ScoreRow


def score_rows(
    conversation_id: str, rating: Rating, *, rubric: Rubric, model: str, at: int, repeat: int = 1
) -> list[ScoreRow]:
    """A row per dimension; `model` names who was asked, for a rating that no model has answered."""
    score, label = rating.score, rating.label
    return [
        ScoreRow(
            conversation_id=conversation_id,
            judge=rubric.name,
            model=label.model if label else model,
            rubric_version=rubric.version,
            prompt_version=label.prompt_version if label else "",
            repeat=repeat,
            dimension=dimension.value,
            score=score.scores[dimension],
            evidence=orjson.dumps(list(score.evidence.get(dimension, ()))).decode(),
            reason=storable(score.reason.get(dimension, "")),
            failure=score.failure if score.scores[dimension] is None else None,
            scored_at=at,
        )
        for dimension in DIMENSIONS
    ]
