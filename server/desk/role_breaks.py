"""How often the seeker left its role, per condition: what was found, asked again, and said by the persona's file."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import orjson
from sqlmodel import col, select

from core.bundle import StudyBundle
from core.transcript import Role
from personas.role_check import RoleBreak
from server.storage.tables import DialogueRow, EventRow, ParticipantRow
from server.world import World


async def role_breaks_shown(world: World, bundle: StudyBundle) -> list[dict[str, Any]]:
    """One row per condition of the study, in its order. Openers, which no model writes, are not replies.

    `replies`: stored replies of the seeker; `broken`, `regenerated`, `safe_line`: how many of them had a break found on
    the way, were asked for a second time, and hold a line of the persona's file; `kinds`: replies by kind of break.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for condition, payload in await _said(world, bundle.slug):
        label = orjson.loads(payload).get("label", {})
        if "role_breaks" in label:
            counts[condition].update(_found(label))
    return [_row(condition, counts[condition]) for condition in bundle.study.conditions]


def _found(label: dict[str, Any]) -> list[str]:
    """What one reply counts for; a kind counts once, however often it was found."""
    kinds = set(label["role_breaks"])
    marks = {"broken": bool(kinds), "regenerated": label.get("regenerated"), "safe_line": label.get("used_safe_line")}
    return ["replies", *(name for name, is_so in marks.items() if is_so), *kinds]


def _row(condition: str, counts: Counter[str]) -> dict[str, Any]:
    return {
        "condition": condition,
        **{name: counts[name] for name in ("replies", "broken", "regenerated", "safe_line")},
        "kinds": {kind.value: counts[kind] for kind in RoleBreak if counts[kind]},
    }


async def _said(world: World, slug: str) -> list[tuple[str, str]]:
    """Condition and payload of every message in the study's conversations with the seeker."""
    query = (
        select(ParticipantRow.condition, EventRow.payload)
        .join(DialogueRow, col(DialogueRow.id) == col(EventRow.dialogue_id))
        .join(ParticipantRow, col(ParticipantRow.id) == col(DialogueRow.participant_id))
        .where(
            EventRow.kind == "said",
            ParticipantRow.slug == slug,
            DialogueRow.counterpart == Role.SEEKER.value,
            col(ParticipantRow.condition).is_not(None),
        )
    )
    async with world.database.reading() as session:
        return [(condition or "", payload) for condition, payload in (await session.exec(query)).all()]
